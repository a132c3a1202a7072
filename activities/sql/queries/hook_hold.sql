-- Holds a hook, with its secrets, until the transaction ends.
SELECT
    id, source, kind, name, client, may_state_grades, secrets, created_at, ended_at, last_used_at,
    forged_at, forged, rotated_key, rotated_sha256
FROM closeout.hooks WHERE tenant = $1 AND id = $2 FOR UPDATE
