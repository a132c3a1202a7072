-- The names of people by their ids, as far as the reader sees them; with $3, those of the body and of that client alone.
SELECT p.id, p.name FROM closeout.people AS p
WHERE p.tenant = $1 AND p.id = ANY($2::text []) AND ($3::text IS NULL OR p.client IS NULL OR p.client = $3)
