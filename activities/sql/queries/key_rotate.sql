-- Gives a key another secret; the one before it stays good until an instant.
UPDATE closeout.api_keys SET former_hash = hash, former_until = $4, hash = $3, rotated_key = $5, rotated_sha256 = $6
WHERE tenant = $1 AND id = $2
RETURNING
    id, source, name, client, may_state_grades, may_create_clients, rate, created_at, expires_at, former_until, revoked_at,
    last_used_at
