-- People by id ($2) or by name in small letters ($3), as far as the reader sees them, and since when they left; with $4, those of the
-- body and of that client alone.
SELECT p.id, p.name, p.left_at FROM closeout.people AS p
WHERE p.tenant = $1 AND (p.id = ANY($2::text []) OR lower(p.name) = ANY($3::text []))
    AND ($4::text IS NULL OR p.client IS NULL OR p.client = $4)
