-- The subscriptions of a tenant, the newest first, beyond an id.
SELECT
    s.id, s.org, s.client, s.url, s.types, s.kinds, s.state, s.why, s.epoch, s.xid, s.n, s.turn, s.created_by, s.created_at,
    s.next_at, s.last_success_at, s.last_failure_at, s.last_failure, s.secrets
FROM closeout.subscriptions AS s
WHERE s.tenant = $1 AND ($2::text IS NULL OR s.id < $2) ORDER BY s.id DESC LIMIT $3
