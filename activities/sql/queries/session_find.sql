-- One session that began after $3 and was used after $4; `client_name` is what the client of its person is called.
SELECT
    s.id, s.hash, s.person, s.name, s.roles, s.client, c.name AS client_name, s.csrf, s.auth_time, s.amr, s.created_at,
    s.used_at
FROM closeout.sessions AS s
LEFT JOIN closeout.clients AS c ON c.tenant = s.tenant AND c.key = s.client
WHERE s.tenant = $1 AND s.id = $2 AND s.created_at > $3 AND s.used_at > $4
