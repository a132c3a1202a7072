-- What clients are called, as far as the reader sees them: those of these keys, and the first $3 that stand, as `offered`.
-- One that was erased is called nothing.
SELECT c.key, c.name, false AS offered FROM closeout.clients AS c
WHERE c.tenant = $1 AND c.key = ANY($2::text []) AND c.name <> ''
UNION ALL
(
    SELECT c.key, c.name, true FROM closeout.clients AS c
    WHERE c.tenant = $1 AND c.merged_into IS NULL AND c.name <> ''
    ORDER BY c.key LIMIT $3
)
