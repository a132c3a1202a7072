-- Enters a file whose bytes are in the store; no row where its arrival began before $15, or was given up meanwhile, or its
-- uploader used the key before.
INSERT INTO closeout.evidence (
    tenant, id, client, object, sha256, size, media_type, declared_type, sniffed_type, name, produced_on, revises,
    uploaded_by, uploaded_at, key
)
SELECT $1, $2, $3, a.object, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14
FROM closeout.evidence_arrivals AS a WHERE a.tenant = $1 AND a.id = $2 AND a.begun_at > $15
ON CONFLICT (tenant, uploaded_by, key) DO NOTHING
RETURNING
    id, client, object, sha256, size, media_type, declared_type, sniffed_type, name, produced_on, revises, uploaded_by,
    uploaded_at, key
