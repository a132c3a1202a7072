-- A page of receipts as JSON, in the order of the document, beyond a place; of one result, where given.
SELECT
    '[' || coalesce(string_agg(p.told, ',' ORDER BY p.place), '') || ']' AS items, max(p.place)::text AS last,
    count(*) = $5 AS more
FROM (
    SELECT i.place + w.nth - 1 AS place, w.told FROM closeout.import_items AS i
    CROSS JOIN LATERAL unnest(i.results, i.told) WITH ORDINALITY AS w (result, told, nth)
    WHERE
        i.tenant = $1 AND i.import = $2 AND i.last > $3 AND i.place + w.nth - 1 > $3
        AND ($4::text IS NULL OR ($4 = ANY(i.results) AND w.result = $4))
    ORDER BY i.last, w.nth LIMIT $5
) AS p
