-- Enters a hook.
INSERT INTO closeout.hooks (tenant, id, source, kind, name, client, may_state_grades, secrets, asked_key, asked_sha256)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
RETURNING
    id, source, kind, name, client, may_state_grades, secrets, created_at, ended_at, last_used_at, forged_at, forged
