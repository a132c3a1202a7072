-- An import has ended; one that ended before stays as it is.
UPDATE closeout.imports SET state = $3, problem = $4, total = coalesce($5, total), ended_at = clock_timestamp()
WHERE tenant = $1 AND id = $2 AND ended_at IS NULL
