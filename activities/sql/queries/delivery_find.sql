-- One delivery.
SELECT
    d.event_id, d.position, d.stream, d.seq, d.type, d.recorded_at, d.state, d.asked, d.attempts, d.tries, d.next_at,
    d.last_at, d.request, d.answer
FROM closeout.deliveries AS d WHERE d.tenant = $1 AND d.subscription = $2 AND d.event_id = $3
