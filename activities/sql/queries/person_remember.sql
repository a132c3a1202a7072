-- Enters a person, or what a newer proof says of them; an older one changes nothing, nor any of who left. Since when they left.
WITH gone AS (
    SELECT p.left_at FROM closeout.people AS p WHERE p.tenant = $1 AND p.id = $2 AND p.left_at IS NOT NULL
), entered AS (
    INSERT INTO closeout.people AS p (tenant, id, name, roles, client, known_since, email)
    SELECT $1, $2, $3::text, $4::text [], $5::text, $6::timestamptz, $7::text WHERE NOT EXISTS (SELECT FROM gone)
    ON CONFLICT (tenant, id) DO UPDATE SET
        name = excluded.name, roles = excluded.roles, client = excluded.client, known_since = excluded.known_since,
        email = coalesce(excluded.email, p.email), seen_at = clock_timestamp()
    WHERE p.known_since < excluded.known_since
)
SELECT g.left_at FROM gone AS g
