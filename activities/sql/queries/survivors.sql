-- Of these clients, those that were merged, each with the one that took its place in the end.
WITH RECURSIVE led AS (
    SELECT c.key, c.merged_into AS onward FROM closeout.clients AS c
    WHERE c.tenant = $1 AND c.key = ANY($2::text []) AND c.merged_into IS NOT NULL
    UNION
    SELECT l.key, c.merged_into FROM led AS l
    INNER JOIN closeout.clients AS c ON c.tenant = $1 AND c.key = l.onward
    WHERE c.merged_into IS NOT NULL
)
SELECT l.key, l.onward AS survivor FROM led AS l
INNER JOIN closeout.clients AS c ON c.tenant = $1 AND c.key = l.onward
WHERE c.merged_into IS NULL
