-- Streams of every tenant that a sweep must nudge.
SELECT tenant, stream FROM closeout.due_streams($1, $2)
