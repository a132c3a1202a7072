-- Ends a grant that is not revoked yet.
UPDATE closeout.grants SET revoked_by = $3, revoked_at = clock_timestamp()
WHERE tenant = $1 AND id = $2 AND revoked_at IS NULL
RETURNING id, person, client, audit, case_id AS "case", until, reason, granted_by, granted_at, revoked_by, revoked_at
