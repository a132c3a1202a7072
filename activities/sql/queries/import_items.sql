-- A page of receipts as JSON, in the order of the document, beyond a place; of one result, where given.
SELECT
    '[' || coalesce(string_agg(p.told, ',' ORDER BY p.place), '') || ']' AS items, max(p.place)::text AS last,
    count(*) = $5 AS more
FROM (
    SELECT i.place, i.told FROM closeout.import_items AS i
    WHERE i.tenant = $1 AND i.import = $2 AND i.place > $3 AND ($4::text IS NULL OR i.result = $4)
    ORDER BY i.place LIMIT $5
) AS p
