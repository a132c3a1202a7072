-- The secrets of a hook from now on, in place of those that were read before.
UPDATE closeout.hooks SET secrets = $3, rotated_key = $5, rotated_sha256 = $6
WHERE tenant = $1 AND id = $2 AND ended_at IS NULL AND secrets = $4
RETURNING id, source, kind, name, client, may_state_grades, secrets, created_at, ended_at, last_used_at
