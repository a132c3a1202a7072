-- Enters a sign-in.
INSERT INTO closeout.sign_ins (tenant, state, browser, nonce, verifier, next, fresh, begun_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
