-- Enters a hook.
INSERT INTO closeout.hooks (tenant, id, source, kind, name, client, may_state_grades, secrets)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
RETURNING id, source, kind, name, client, may_state_grades, secrets, created_at, ended_at, last_used_at
