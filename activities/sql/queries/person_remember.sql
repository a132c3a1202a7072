-- Enters a person, or what has changed of them.
INSERT INTO closeout.people AS p (tenant, id, name, roles, client) VALUES ($1, $2, $3, $4::text [], $5)
ON CONFLICT (tenant, id) DO UPDATE SET
    name = excluded.name, roles = excluded.roles, client = excluded.client, seen_at = clock_timestamp()
WHERE (p.name, p.roles, p.client) IS DISTINCT FROM (excluded.name, excluded.roles, excluded.client)
