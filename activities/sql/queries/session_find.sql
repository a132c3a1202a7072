-- One session that began after $3 and was used after $4.
SELECT id, hash, person, name, roles, client, csrf, auth_time, amr, created_at, used_at
FROM closeout.sessions WHERE tenant = $1 AND id = $2 AND created_at > $3 AND used_at > $4
