-- The names of people by their ids, as far as the reader sees them.
SELECT p.id, p.name FROM closeout.people AS p WHERE p.tenant = $1 AND p.id = ANY($2::text [])
