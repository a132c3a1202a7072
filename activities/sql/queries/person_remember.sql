-- Enters a person, or what a newer proof says of them; an older one changes nothing.
INSERT INTO closeout.people AS p (tenant, id, name, roles, client, known_since, email)
VALUES ($1, $2, $3, $4::text [], $5, $6, $7)
ON CONFLICT (tenant, id) DO UPDATE SET
    name = excluded.name, roles = excluded.roles, client = excluded.client, known_since = excluded.known_since,
    email = coalesce(excluded.email, p.email), seen_at = clock_timestamp()
WHERE p.known_since < excluded.known_since
