-- One hook with its secrets, and the request that rotated them last.
SELECT
    id, source, kind, name, client, may_state_grades, secrets, created_at, ended_at, last_used_at,
    rotated_key, rotated_sha256
FROM closeout.hooks WHERE tenant = $1 AND id = $2
