-- The key that was made under an Idempotency-Key.
SELECT
    id, source, name, client, may_state_grades, may_create_clients, rate, created_at, expires_at, former_until, revoked_at,
    last_used_at, asked_key, asked_sha256
FROM closeout.api_keys WHERE tenant = $1 AND asked_key = $2
