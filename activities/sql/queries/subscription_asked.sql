-- The subscription that was made under an Idempotency-Key, by the certification body or a client.
SELECT
    s.id, s.org, s.client, s.url, s.types, s.kinds, s.state, s.why, s.epoch, s.xid, s.n, s.turn, s.created_by, s.created_at,
    s.next_at, s.last_success_at, s.last_failure_at, s.last_failure, s.secrets,
    s.asked_key, s.asked_sha256
FROM closeout.subscriptions AS s WHERE s.tenant = $1 AND s.org IS NOT DISTINCT FROM $2::text AND s.asked_key = $3
