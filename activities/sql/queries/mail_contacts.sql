-- The certification body's people and those of these clients, or the people $3; with their wishes and their client's zone.
SELECT
    p.id, p.name, p.roles, p.client, p.email, p.left_at, coalesce(w.zone, c.zone) AS zone,
    coalesce(w.cases, 'immediate') AS cases, coalesce(w.dates, 'immediate') AS dates, coalesce(w.talk, 'immediate') AS talk
FROM closeout.people AS p
LEFT JOIN closeout.mail_wishes AS w ON w.tenant = p.tenant AND w.person = p.id
LEFT JOIN closeout.clients AS c ON c.tenant = p.tenant AND c.key = p.client
WHERE p.tenant = $1 AND (p.client IS NULL OR p.client = ANY($2::text []) OR $2 IS NULL) AND ($3::text [] IS NULL OR p.id = ANY($3))
ORDER BY p.id
