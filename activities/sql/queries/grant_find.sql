-- A grant by its id.
SELECT id, person, client, audit, case_id AS "case", until, reason, granted_by, granted_at, revoked_by, revoked_at
FROM closeout.grants WHERE tenant = $1 AND id = $2
