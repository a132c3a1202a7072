-- Ends a session; answers what its issuer needs to end its own.
DELETE FROM closeout.sessions WHERE tenant = $1 AND id = $2 RETURNING hint
