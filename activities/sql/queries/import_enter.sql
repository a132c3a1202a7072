-- Enters an import; answers it, or the one that its source entered under the same key before.
WITH entered AS (
    INSERT INTO closeout.imports (
        tenant, id, source, key, request_sha256, actor, may_create_clients, document, media_type, name, format, client,
        profile, received_at
    )
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
    ON CONFLICT (tenant, source, key) DO NOTHING
    RETURNING *
)
SELECT
    id, source, key, request_sha256, actor, may_create_clients, document, media_type, name, format, read_as, notes, client,
    profile, state, cancelling, total, next, created, duplicate, updated, recurred, skipped, rejected, problem, received_at,
    started_at, ended_at
FROM entered
UNION ALL
SELECT
    id, source, key, request_sha256, actor, may_create_clients, document, media_type, name, format, read_as, notes, client,
    profile, state, cancelling, total, next, created, duplicate, updated, recurred, skipped, rejected, problem, received_at,
    started_at, ended_at
FROM closeout.imports WHERE tenant = $1 AND source = $3 AND key = $4 AND NOT EXISTS (SELECT FROM entered)
