-- Begins to look after a tenant's mailing; who did so before is heard no more. No row where there is none yet.
UPDATE closeout.mailings AS m SET turn = m.turn + 1, looked_at = clock_timestamp(), next_at = NULL
WHERE m.tenant = $1
RETURNING m.turn
