-- What is kept beside these streams: erasures, references with what was said last, numbers; one of the three a row.
SELECT e.stream, e.seq AS erased, NULL AS source, NULL AS external_id, NULL AS said, NULL AS series, NULL::int AS number
FROM closeout.erasures AS e WHERE e.tenant = $1 AND e.stream = ANY($2::text [])
UNION ALL
SELECT r.stream, NULL, r.source, r.external_id, r.said, NULL, NULL
FROM closeout.source_refs AS r WHERE r.tenant = $1 AND r.stream = ANY($2::text [])
UNION ALL
SELECT n.stream, NULL, NULL, NULL, NULL, n.series, n.number
FROM closeout.numbers AS n WHERE n.tenant = $1 AND n.stream = ANY($2::text [])
