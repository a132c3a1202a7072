-- Claims references for new cases, in one order for everybody so that two batches cannot wait for each other; answers
-- those that nobody else had.
INSERT INTO closeout.source_refs (tenant, source, external_id, occurrence, stream, said, said_at)
SELECT $1, w.source, w.external_id, w.occurrence, w.stream, w.said, w.said_at
FROM unnest($2::text [], $3::text [], $4::int [], $5::text [], $6::text [], $7::timestamptz [])
    AS w (source, external_id, occurrence, stream, said, said_at)
ORDER BY w.source, w.external_id, w.occurrence
ON CONFLICT (tenant, source, external_id, occurrence) DO NOTHING
RETURNING stream
