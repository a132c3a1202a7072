-- Of these streams, those that are seen.
SELECT s.stream FROM closeout.streams AS s WHERE s.tenant = $1 AND s.stream = ANY($2::text [])
