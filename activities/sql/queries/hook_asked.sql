-- The hook that was made under an Idempotency-Key.
SELECT
    id, source, kind, name, client, may_state_grades, secrets, created_at, ended_at, last_used_at,
    forged_at, forged, asked_key, asked_sha256
FROM closeout.hooks WHERE tenant = $1 AND asked_key = $2
