-- The secrets of a hook from now on.
UPDATE closeout.hooks SET secrets = $3, rotated_key = $4, rotated_sha256 = $5
WHERE tenant = $1 AND id = $2 AND ended_at IS NULL
RETURNING
    id, source, kind, name, client, may_state_grades, secrets, created_at, ended_at, last_used_at, forged_at, forged
