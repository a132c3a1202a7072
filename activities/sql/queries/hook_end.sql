-- Ends a hook and forgets its secrets; one that ended before stays ended since then.
UPDATE closeout.hooks SET ended_at = coalesce(ended_at, clock_timestamp()), secrets = '[]',
    asked_sha256 = NULL, rotated_sha256 = NULL
WHERE tenant = $1 AND id = $2
RETURNING
    id, source, kind, name, client, may_state_grades, secrets, created_at, ended_at, last_used_at, forged_at, forged
