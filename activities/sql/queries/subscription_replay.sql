-- Sets a subscription to a position. What is pending up to it is given up; what lies beyond comes again.
WITH given_up AS (
    UPDATE closeout.deliveries SET state = 'skipped', next_at = NULL
    WHERE tenant = $1 AND subscription = $2 AND state = 'pending' AND type <> 'test' AND position <= $6
)
UPDATE closeout.subscriptions AS s SET epoch = $3, xid = $4::xid8, n = $5
WHERE s.tenant = $1 AND s.id = $2
RETURNING
    s.id, s.org, s.client, s.url, s.types, s.kinds, s.state, s.why, s.epoch, s.xid, s.n, s.turn, s.created_by, s.created_at,
    s.next_at, s.last_success_at, s.last_failure_at, s.last_failure, s.secrets
