-- Has somebody begin with a filter; no row for one that is not there.
UPDATE closeout.saved_filters SET starts = true WHERE tenant = $1 AND person = $2 AND id = $3 RETURNING id
