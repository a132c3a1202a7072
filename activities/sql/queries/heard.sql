-- What the sources of these cases said of them last.
SELECT r.stream, r.said, r.said_at FROM closeout.source_refs AS r WHERE r.tenant = $1 AND r.stream = ANY($2::text [])
