-- Streams of every tenant that a sweep must nudge, imports and subscriptions too, beyond the last pair of the page before.
SELECT d.tenant, d.stream FROM (
    SELECT tenant, stream FROM closeout.due_streams($1, $2, $3, $4)
    UNION ALL
    SELECT tenant, stream FROM closeout.due_imports($1, $2, $3, $4)
    UNION ALL
    SELECT tenant, stream FROM closeout.due_subscriptions($1, $2, $3, $4)
) AS d
ORDER BY d.tenant, d.stream LIMIT $2
