-- Imports of a tenant, the newest first, beyond an id; of one source, in one state and sent for one
-- client, where given: by whoever is bound to it, since of another's document any item may be of any client.
SELECT
    id, source, key, request_sha256, actor, may_create_clients, document, media_type, name, format, read_as, notes, client,
    profile, state, cancelling, total, next, created, duplicate, updated, recurred, skipped, rejected, problem, received_at,
    started_at, touched_at, ended_at
FROM closeout.imports
WHERE tenant = $1 AND ($2::text IS NULL OR id < $2) AND ($3::text IS NULL OR source = $3)
    AND ($4::text IS NULL OR state = $4) AND ($5::text IS NULL OR actor ->> 'client' = $5)
ORDER BY id DESC LIMIT $6
