-- Enters, locks a stream and reads where it stands; one row.
SELECT * FROM closeout.open_stream($1, $2, $3)
