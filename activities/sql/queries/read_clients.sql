-- A page of clients by key, as JSON.
WITH page AS (
    SELECT c.key, c.view, c.seq FROM closeout.clients AS c
    WHERE c.tenant = $1 AND ($2::text IS NULL OR c.key > $2)
    ORDER BY c.key LIMIT $3::int + 1
), shown AS (
    SELECT * FROM page ORDER BY key LIMIT $3
)
SELECT
    (SELECT max(key) FROM shown) AS last,
    (SELECT count(*) FROM page) > $3 AS more,
    (
        SELECT coalesce(json_agg(c.view || jsonb_build_object('seq', c.seq) ORDER BY c.key), '[]')::text FROM shown AS c
    ) AS items
