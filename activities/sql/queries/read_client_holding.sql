-- The first of these names, however written, that another client has, and whose it is. What a merged client is called,
-- its survivor is.
WITH RECURSIVE led AS (
    SELECT c.key, c.merged_into AS onward FROM closeout.clients AS c WHERE c.tenant = $1 AND c.merged_into IS NOT NULL
    UNION
    SELECT l.key, c.merged_into FROM led AS l
    INNER JOIN closeout.clients AS c ON c.tenant = $1 AND c.key = l.onward
    WHERE c.merged_into IS NOT NULL
)
SELECT w.name, c.key
FROM closeout.clients AS c, unnest(c.aliases || c.name || c.key) AS n (name), unnest($3::text []) AS w (name)
WHERE c.tenant = $1 AND c.key <> $2 AND lower(btrim(n.name)) = lower(btrim(w.name))
    AND NOT EXISTS (SELECT FROM led AS l WHERE l.key = c.key AND l.onward = $2)
ORDER BY c.merged_into IS NOT NULL, c.key, w.name LIMIT 1
