-- Forgets a filter; no row for one that is not there.
DELETE FROM closeout.saved_filters WHERE tenant = $1 AND person = $2 AND id = $3 RETURNING id
