-- Enters an event that is none, to try a receiver; sent once, whatever the state of its subscription.
INSERT INTO closeout.deliveries AS d (tenant, subscription, event_id, org, position, stream, seq, type, recorded_at)
SELECT $1, s.id, $3, s.org, $4, 'test/' || $3::uuid, 0, 'test', clock_timestamp()
FROM closeout.subscriptions AS s WHERE s.tenant = $1 AND s.id = $2
RETURNING
    d.event_id, d.position, d.stream, d.seq, d.type, d.recorded_at, d.state, d.asked, d.attempts, d.tries, d.next_at,
    d.last_at, d.request, d.answer
