-- The first of these names, however written, that another client has, and whose it is.
SELECT w.name, c.key
FROM closeout.clients AS c, unnest(c.aliases || c.name || c.key) AS n (name), unnest($3::text []) AS w (name)
WHERE c.tenant = $1 AND c.key <> $2 AND lower(btrim(n.name)) = lower(btrim(w.name))
ORDER BY c.key, w.name LIMIT 1
