-- Keeps a document, once.
INSERT INTO closeout.documents (tenant, sha256, source, media_type, size, bytes) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant, sha256) DO NOTHING
