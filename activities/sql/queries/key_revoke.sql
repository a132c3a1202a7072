-- Ends a key; one that ended before stays ended since then.
UPDATE closeout.api_keys SET revoked_at = coalesce(revoked_at, clock_timestamp())
WHERE tenant = $1 AND id = $2
RETURNING
    id, source, name, client, may_state_grades, may_create_clients, rate, created_at, expires_at, former_until, revoked_at,
    last_used_at
