-- A file by its id.
SELECT
    id, client, object, sha256, size, media_type, declared_type, sniffed_type, name, produced_on, revises, uploaded_by,
    uploaded_at, key
FROM closeout.evidence WHERE tenant = $1 AND id = $2
