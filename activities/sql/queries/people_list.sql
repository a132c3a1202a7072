-- People by name beyond ($2, $3), at most $4; with a role, of a client, and who left or is here, if they are given. How mail may
-- be sent to them.
SELECT
    p.id, p.name, p.roles, p.client, p.email IS NOT NULL AS has_address, p.seen_at, p.left_at,
    coalesce(w.cases, 'immediate') AS cases, coalesce(w.dates, 'immediate') AS dates, coalesce(w.talk, 'immediate') AS talk
FROM closeout.people AS p
LEFT JOIN closeout.mail_wishes AS w ON w.tenant = p.tenant AND w.person = p.id
WHERE p.tenant = $1
    AND (p.name, p.id) > ($2, $3)
    AND ($5::text IS NULL OR p.roles @> ARRAY[$5])
    AND ($6::text IS NULL OR p.client = $6)
    AND ($7::boolean IS NULL OR (p.left_at IS NOT NULL) = $7)
ORDER BY p.name, p.id LIMIT $4
