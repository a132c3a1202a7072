-- The keys of clients that are called so; a name that fits several clients is nobody's.
SELECT w.called, coalesce(
    (SELECT c.key FROM closeout.clients AS c WHERE c.tenant = $1 AND c.key = w.called),
    (
        SELECT min(c.key) FROM closeout.clients AS c
        WHERE c.tenant = $1
            AND lower(btrim(w.called)) = ANY(
                SELECT lower(btrim(n.name)) FROM unnest(c.aliases || c.name || c.key) AS n (name)
            )
        HAVING count(*) = 1
    )
) AS key
FROM unnest($2::text []) AS w (called)
