-- Notes that an upload begins, and where it will stand in the store.
INSERT INTO closeout.evidence_arrivals (tenant, id, object) VALUES ($1, $2, $3)
