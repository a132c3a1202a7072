-- What of every tenant waits for nothing but a nudge, by name, beyond the last pair of the page before: streams that owe
-- something, imports and subscriptions that nobody looks after.
SELECT d.tenant, d.stream FROM (
    SELECT tenant, stream FROM closeout.owing_streams($2, $3, $4)
    UNION ALL
    SELECT tenant, stream FROM closeout.due_imports($1, $2, $3, $4)
    UNION ALL
    SELECT tenant, stream FROM closeout.due_subscriptions($1, $2, $3, $4)
) AS d
ORDER BY d.tenant, d.stream LIMIT $2
