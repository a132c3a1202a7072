-- The clients that are called so: by key, else by name or alias, however written; `fitting` says how many these are.
WITH known AS MATERIALIZED (
    SELECT lower(btrim(n.name)) AS name, min(c.key) AS key, count(DISTINCT c.key) AS fitting
    FROM closeout.clients AS c, unnest(c.aliases || c.name || c.key) AS n (name)
    WHERE c.tenant = $1
    GROUP BY 1
)
SELECT w.called, coalesce(e.key, k.key) AS key, CASE WHEN e.key IS NULL THEN coalesce(k.fitting, 0) ELSE 1 END AS fitting
FROM unnest($2::text []) AS w (called)
LEFT JOIN closeout.clients AS e ON e.tenant = $1 AND e.key = w.called
LEFT JOIN known AS k ON k.name = lower(btrim(w.called))
