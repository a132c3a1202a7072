-- Enters a session.
INSERT INTO closeout.sessions (
    tenant, id, hash, person, name, roles, client, csrf, auth_time, amr, hint, created_at, used_at
)
VALUES ($1, $2, $3, $4, $5, $6::text [], $7, $8, $9, $10::text [], $11, $12, $12)
