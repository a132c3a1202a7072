-- Enters a key; one that is there already stays as it is.
INSERT INTO closeout.api_keys AS k (
    tenant, id, source, name, hash, client, may_state_grades, may_create_clients, expires_at, rate, asked_key,
    asked_sha256
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
ON CONFLICT (tenant, id) DO UPDATE SET name = k.name
RETURNING
    id, source, name, client, may_state_grades, may_create_clients, rate, created_at, expires_at, former_until, revoked_at,
    last_used_at
