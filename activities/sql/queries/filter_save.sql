-- Saves a filter under its name, in place of the one that was; no row where the person has $6 others.
INSERT INTO closeout.saved_filters AS f (tenant, person, id, name, query)
SELECT $1, $2, $3, $4, $5::jsonb
WHERE (
    SELECT count(*) FROM closeout.saved_filters AS s WHERE s.tenant = $1 AND s.person = $2 AND s.name <> $4
) < $6::int
ON CONFLICT (tenant, person, name) DO UPDATE SET query = excluded.query, saved_at = clock_timestamp()
RETURNING f.id
