-- Pauses or resumes a subscription. What waits for its next try is due at once, its tries forgotten, where it is resumed.
WITH again AS (
    UPDATE closeout.deliveries SET tries = 0, next_at = NULL
    WHERE tenant = $1 AND subscription = $2 AND state = 'pending' AND $3 = 'active'
)
UPDATE closeout.subscriptions AS s SET
    state = $3, why = $4, next_at = NULL, looked_at = clock_timestamp()
WHERE s.tenant = $1 AND s.id = $2
RETURNING
    s.id, s.org, s.client, s.url, s.types, s.kinds, s.state, s.why, s.epoch, s.xid, s.n, s.turn, s.created_by, s.created_at,
    s.next_at, s.last_success_at, s.last_failure_at, s.last_failure, s.secrets
