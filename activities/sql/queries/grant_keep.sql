-- Enters a grant.
INSERT INTO closeout.grants (
    tenant, id, person, client, audit, case_id, until, reason, granted_by, asked_key, asked_sha256
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
RETURNING id, person, client, audit, case_id AS "case", until, reason, granted_by, granted_at, revoked_by, revoked_at
