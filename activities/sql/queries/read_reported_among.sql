-- Of these streams, those of cases that a source reported, and where one is named, of that client alone.
SELECT s.stream
FROM closeout.streams AS s
WHERE
    s.tenant = $1 AND s.stream = any($2::text [])
    AND s.kind = 'nonconformity'
    AND ($4::text IS NULL OR s.org = $4)
    AND EXISTS (
        SELECT FROM closeout.source_refs AS r
        WHERE r.tenant = s.tenant AND r.stream = s.stream AND r.source = $3
    )
