-- The grants of a tenant, the newest first, beyond an id; to one person, where given.
SELECT id, person, client, audit, case_id AS "case", until, reason, granted_by, granted_at, revoked_by, revoked_at
FROM closeout.grants
WHERE tenant = $1 AND ($2::text IS NULL OR id < $2) AND ($3::text IS NULL OR person = $3)
ORDER BY id DESC LIMIT $4
