-- Holds a subscription until the transaction ends; answers it with the request that rotated its secrets last.
SELECT
    s.id, s.org, s.client, s.url, s.types, s.kinds, s.state, s.why, s.epoch, s.xid, s.n, s.turn, s.created_by, s.created_at,
    s.next_at, s.last_success_at, s.last_failure_at, s.last_failure, s.secrets,
    s.rotated_key, s.rotated_sha256
FROM closeout.subscriptions AS s WHERE s.tenant = $1 AND s.id = $2 FOR UPDATE
