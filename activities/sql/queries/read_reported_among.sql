-- Of these streams, those of cases that a source reported or, where one is named, of a client's.
SELECT s.stream
FROM closeout.streams AS s
WHERE
    s.tenant = $1 AND s.stream = any($2::text [])
    AND s.kind = 'nonconformity'
    AND (
        s.org = $4
        OR EXISTS (
            SELECT FROM closeout.source_refs AS r
            WHERE r.tenant = s.tenant AND r.stream = s.stream AND r.source = $3
        )
    )
