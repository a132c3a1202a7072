-- The hooks of a tenant, beyond an id; of one source, where given.
SELECT
    id, source, kind, name, client, may_state_grades, secrets, created_at, ended_at, last_used_at, forged_at, forged
FROM closeout.hooks
WHERE tenant = $1 AND ($2::text IS NULL OR id < $2) AND ($4::text IS NULL OR source = $4)
ORDER BY id DESC LIMIT $3
