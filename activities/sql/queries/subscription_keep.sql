-- Enters a subscription.
INSERT INTO closeout.subscriptions AS s (
    tenant, id, org, client, url, types, kinds, secrets, epoch, xid, n, created_by, asked_key, asked_sha256
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::xid8, $11, $12, $13, $14)
RETURNING
    s.id, s.org, s.client, s.url, s.types, s.kinds, s.state, s.why, s.epoch, s.xid, s.n, s.turn, s.created_by, s.created_at,
    s.next_at, s.last_success_at, s.last_failure_at, s.last_failure, s.secrets
