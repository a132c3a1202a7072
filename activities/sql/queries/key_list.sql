-- The keys of a tenant, beyond an id; of one source, where given.
SELECT
    id, source, name, client, may_state_grades, may_create_clients, rate, created_at, expires_at, former_until, revoked_at,
    last_used_at
FROM closeout.api_keys
WHERE tenant = $1 AND ($2::text IS NULL OR id < $2) AND ($4::text IS NULL OR source = $4)
ORDER BY id DESC LIMIT $3
