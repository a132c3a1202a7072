-- Gives a filter another name; no row for one that is not there.
UPDATE closeout.saved_filters SET name = $4 WHERE tenant = $1 AND person = $2 AND id = $3 RETURNING id
