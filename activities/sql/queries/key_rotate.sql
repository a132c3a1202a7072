-- Gives a key another secret; the one before it stays good until an instant. No row for a key that ended.
UPDATE closeout.api_keys SET former_hash = hash, former_until = $4, hash = $3
WHERE tenant = $1 AND id = $2 AND revoked_at IS NULL
RETURNING
    id, source, name, client, may_state_grades, may_create_clients, rate, created_at, expires_at, former_until, revoked_at,
    last_used_at
