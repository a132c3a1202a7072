-- Profiles by name, beyond one.
SELECT name, profile, saved_by, saved_at FROM closeout.profiles
WHERE tenant = $1 AND ($2::text IS NULL OR name > $2) ORDER BY name LIMIT $3
