-- One import.
SELECT
    id, source, key, request_sha256, actor, may_create_clients, document, media_type, name, format, read_as, notes, client,
    profile, state, cancelling, total, next, created, duplicate, updated, recurred, skipped, rejected, problem, received_at,
    started_at, ended_at
FROM closeout.imports WHERE tenant = $1 AND id = $2
