-- Begins to look after a subscription; who did so before is heard no more.
UPDATE closeout.subscriptions AS s SET turn = s.turn + 1, looked_at = clock_timestamp(), next_at = NULL
WHERE s.tenant = $1 AND s.id = $2
RETURNING
    s.id, s.org, s.client, s.url, s.types, s.kinds, s.state, s.why, s.epoch, s.xid, s.n, s.turn, s.created_by, s.created_at,
    s.next_at, s.last_success_at, s.last_failure_at, s.last_failure, s.secrets
