-- Has an import end before its next batch: at once where nobody reads it yet; one that ended stays as it is.
UPDATE closeout.imports SET
    cancelling = cancelling OR ended_at IS NULL,
    state = CASE WHEN state = 'queued' THEN 'cancelled' ELSE state END,
    ended_at = CASE WHEN state = 'queued' THEN clock_timestamp() ELSE ended_at END
WHERE tenant = $1 AND id = $2
RETURNING
    id, source, key, request_sha256, actor, may_create_clients, document, media_type, name, format, read_as, notes, client,
    profile, state, cancelling, total, next, created, duplicate, updated, recurred, skipped, rejected, problem, received_at,
    started_at, ended_at
