-- The deliveries of a subscription, the last event first, beyond a place; of some states, where any are named.
SELECT
    d.event_id, d.position, d.stream, d.seq, d.type, d.recorded_at, d.state, d.asked, d.attempts, d.tries, d.next_at,
    d.last_at, d.request, d.answer
FROM closeout.deliveries AS d
WHERE d.tenant = $1 AND d.subscription = $2
    AND ($3::text IS NULL OR (d.position, d.event_id) < ($3, $4::uuid))
    AND ($5::text [] IS NULL OR d.state = ANY($5))
ORDER BY d.position DESC, d.event_id DESC LIMIT $6
