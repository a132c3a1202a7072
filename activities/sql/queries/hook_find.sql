-- One hook with its secrets.
SELECT
    id, source, kind, name, client, may_state_grades, secrets, created_at, ended_at, last_used_at,
    forged_at, forged
FROM closeout.hooks WHERE tenant = $1 AND id = $2
