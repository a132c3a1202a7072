-- The secrets that sign for a subscription from now on.
UPDATE closeout.subscriptions AS s SET secrets = $3, rotated_key = $4, rotated_sha256 = $5
WHERE s.tenant = $1 AND s.id = $2
RETURNING
    s.id, s.org, s.client, s.url, s.types, s.kinds, s.state, s.why, s.epoch, s.xid, s.n, s.turn, s.created_by, s.created_at,
    s.next_at, s.last_success_at, s.last_failure_at, s.last_failure, s.secrets
