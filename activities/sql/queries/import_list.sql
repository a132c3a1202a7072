-- Imports, the newest first, beyond an id; of one source and in one state, where given.
SELECT
    id, source, key, request_sha256, actor, may_create_clients, document, media_type, name, format, read_as, notes, client,
    profile, state, cancelling, total, next, created, duplicate, updated, recurred, skipped, rejected, problem, received_at,
    started_at, ended_at
FROM closeout.imports
WHERE tenant = $1 AND ($2::text IS NULL OR id < $2) AND ($3::text IS NULL OR source = $3)
    AND ($4::text IS NULL OR state = $4)
ORDER BY id DESC LIMIT $5
