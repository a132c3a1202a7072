-- Saves a profile under its name, in place of the one that was.
INSERT INTO closeout.profiles AS p (tenant, name, profile, saved_by) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant, name)
DO UPDATE SET profile = excluded.profile, saved_by = excluded.saved_by, saved_at = clock_timestamp()
RETURNING name, profile, saved_by, saved_at
