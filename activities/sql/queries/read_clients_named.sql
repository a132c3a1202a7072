-- The clients that are called so: by key, else by name or alias, however written; `fitting` says how many these are.
-- What a merged client is called, its survivor is.
WITH RECURSIVE led AS (
    SELECT c.key, c.merged_into AS onward FROM closeout.clients AS c WHERE c.tenant = $1 AND c.merged_into IS NOT NULL
    UNION
    SELECT l.key, c.merged_into FROM led AS l
    INNER JOIN closeout.clients AS c ON c.tenant = $1 AND c.key = l.onward
    WHERE c.merged_into IS NOT NULL
), survivors AS (
    SELECT l.key, l.onward AS survivor FROM led AS l
    INNER JOIN closeout.clients AS c ON c.tenant = $1 AND c.key = l.onward
    WHERE c.merged_into IS NULL
), known AS MATERIALIZED (
    SELECT
        lower(btrim(n.name)) AS name, min(coalesce(s.survivor, c.key)) AS key,
        count(DISTINCT coalesce(s.survivor, c.key)) AS fitting
    FROM closeout.clients AS c
    CROSS JOIN unnest(c.aliases || c.name || c.key) AS n (name)
    LEFT JOIN survivors AS s ON s.key = c.key
    WHERE c.tenant = $1
    GROUP BY 1
)
SELECT
    w.called, coalesce(s.survivor, e.key, k.key) AS key,
    CASE WHEN e.key IS NULL THEN coalesce(k.fitting, 0) ELSE 1 END AS fitting
FROM unnest($2::text []) AS w (called)
LEFT JOIN closeout.clients AS e ON e.tenant = $1 AND e.key = w.called
LEFT JOIN survivors AS s ON s.key = e.key
LEFT JOIN known AS k ON k.name = lower(btrim(w.called))
