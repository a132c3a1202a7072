-- Every event of these streams.
SELECT * FROM closeout.events WHERE tenant = $1 AND stream = ANY($2::text []) ORDER BY stream, seq
