-- A page of entries of a kind by id, as JSON. Null filters are none; $7 is what the view has to hold, $8 the values by
-- field of the view of which one has to be there.
WITH page AS (
    SELECT e.id, e.view, e.updated_at, e.seq FROM closeout.entries AS e
    WHERE e.tenant = $1
        AND e.kind = $2
        AND ($3::text IS NULL OR e.id > $3)
        AND ($5::text [] IS NULL OR e.client = ANY($5))
        AND ($6::text [] IS NULL OR e.status = ANY($6))
        AND ($7::jsonb IS NULL OR e.view @> $7)
        AND (
            $8::jsonb IS NULL
            OR NOT EXISTS (
                SELECT FROM jsonb_each($8) AS f (field, choice)
                WHERE NOT coalesce(f.choice ? (e.view ->> f.field), false)
            )
        )
        AND ($9::timestamptz IS NULL OR e.due_at < $9)
    ORDER BY e.id LIMIT $4::int + 1
), shown AS (
    SELECT * FROM page ORDER BY id LIMIT $4
)
SELECT
    (SELECT max(id) FROM shown) AS last,
    (SELECT count(*) FROM page) > $4 AS more,
    (
        SELECT coalesce(json_agg(e.view || jsonb_build_object(
            'updated_at', to_char(e.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'seq', e.seq
        ) ORDER BY e.id), '[]')::text FROM shown AS e
    ) AS items
