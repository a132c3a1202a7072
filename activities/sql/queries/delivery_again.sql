-- Has an event delivered again, at once.
UPDATE closeout.deliveries AS d SET state = 'pending', asked = d.asked + 1, tries = 0, next_at = NULL
WHERE d.tenant = $1 AND d.subscription = $2 AND d.event_id = $3
RETURNING
    d.event_id, d.position, d.stream, d.seq, d.type, d.recorded_at, d.state, d.asked, d.attempts, d.tries, d.next_at,
    d.last_at, d.request, d.answer
