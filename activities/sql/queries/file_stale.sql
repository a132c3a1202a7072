-- Uploads of a tenant that began before an instant and never ended.
SELECT id, object FROM closeout.evidence_arrivals WHERE tenant = $1 AND begun_at < $2 ORDER BY begun_at LIMIT $3
