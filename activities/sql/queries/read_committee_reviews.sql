-- A page of committee reviews, as JSON. Null filters are none.
WITH page AS (
    SELECT r.* FROM closeout.committee_reviews AS r
    WHERE r.tenant = $1
        AND ($2::text IS NULL OR r.id < $2)
        AND ($4::text IS NULL OR r.status = $4)
        AND ($5::text IS NULL OR r.case_id = $5)
        AND ($6::text IS NULL OR r.members @> ARRAY[$6])
    ORDER BY r.id DESC LIMIT $3::int + 1
), shown AS (
    -- Named here: under row-level security, a name made in the join would find no index.
    SELECT *, 'committee_review/' || id AS stream FROM page ORDER BY id DESC LIMIT $3
)
SELECT
    (SELECT min(id) FROM shown) AS last,
    (SELECT count(*) FROM page) > $3 AS more,
    (
        SELECT coalesce(json_agg(json_build_object(
            'id', r.id,
            'case_id', r.case_id,
            'number', s.state #> '{papers,number}',
            'client', s.state #> '{papers,client}',
            'title', s.state #> '{papers,title}',
            'grade', s.state #> '{papers,grade}',
            'cause', r.cause,
            'status', r.status,
            'due_at', to_char(r.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'members', r.members,
            'recused', s.state -> 'recused',
            'quorum', s.state #> '{papers,rules,quorum}',
            'decision', s.state -> 'decision',
            'updated_at', to_char(r.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'seq', r.seq
        ) ORDER BY r.id DESC), '[]')::text
        FROM shown AS r
        LEFT JOIN closeout.streams AS s ON s.tenant = r.tenant AND s.stream = r.stream
    ) AS items
