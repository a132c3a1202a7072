-- Somebody reads an import, from now on or again; no row for one that ended.
UPDATE closeout.imports
SET state = 'reading', started_at = coalesce(started_at, clock_timestamp()), touched_at = clock_timestamp()
WHERE tenant = $1 AND id = $2 AND ended_at IS NULL
RETURNING
    id, source, key, request_sha256, actor, may_create_clients, document, media_type, name, format, read_as, notes, client,
    profile, state, cancelling, total, next, created, duplicate, updated, recurred, skipped, rejected, problem, received_at,
    started_at, ended_at
