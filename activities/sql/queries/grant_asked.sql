-- The grant that was made under an Idempotency-Key.
SELECT
    id, person, client, audit, case_id AS "case", until, reason, granted_by, granted_at, revoked_by, revoked_at,
    asked_key, asked_sha256
FROM closeout.grants WHERE tenant = $1 AND asked_key = $2
