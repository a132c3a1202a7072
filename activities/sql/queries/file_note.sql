-- Notes a write or a read of a file.
INSERT INTO closeout.evidence_events (tenant, file, type, actor, data) VALUES ($1, $2, $3, $4, $5::jsonb)
