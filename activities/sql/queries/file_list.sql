-- Files, the newest first, beyond an id: of one uploader, of one client, of these contents, where given.
SELECT
    id, client, object, sha256, size, media_type, declared_type, sniffed_type, name, produced_on, revises, uploaded_by,
    uploaded_at, key
FROM closeout.evidence
WHERE tenant = $1 AND ($2::text IS NULL OR id < $2) AND ($3::text IS NULL OR uploaded_by = $3)
    AND ($4::text IS NULL OR client = $4) AND ($5::text [] IS NULL OR sha256 = ANY($5))
ORDER BY id DESC LIMIT $6
