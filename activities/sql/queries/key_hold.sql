-- Holds a key until the transaction ends.
SELECT
    id, source, name, client, may_state_grades, may_create_clients, rate, created_at, expires_at, former_until, revoked_at,
    last_used_at, rotated_key, rotated_sha256
FROM closeout.api_keys WHERE tenant = $1 AND id = $2 FOR UPDATE
