-- Streams of every tenant that a sweep must nudge, beyond the last pair of the page before.
SELECT tenant, stream FROM closeout.due_streams($1, $2, $3, $4)
