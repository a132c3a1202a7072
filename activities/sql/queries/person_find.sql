-- A person by their id; how mail may be sent to them.
SELECT
    p.id, p.name, p.roles, p.client, p.email IS NOT NULL AS has_address, p.seen_at, p.left_at,
    coalesce(w.cases, 'immediate') AS cases, coalesce(w.dates, 'immediate') AS dates, coalesce(w.talk, 'immediate') AS talk
FROM closeout.people AS p
LEFT JOIN closeout.mail_wishes AS w ON w.tenant = p.tenant AND w.person = p.id
WHERE p.tenant = $1 AND p.id = $2
