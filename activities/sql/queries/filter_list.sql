-- Somebody's filters by name.
SELECT f.id, f.name, f.query, f.starts, f.saved_at FROM closeout.saved_filters AS f
WHERE f.tenant = $1 AND f.person = $2 ORDER BY lower(f.name), f.name
