-- The first pending event of each stream, and how many events are pending in all; none for who has been relieved.
SELECT DISTINCT ON (d.stream)
    d.event_id, d.position, d.stream, d.seq, d.type, d.recorded_at, d.state, d.attempts, d.tries, d.next_at, d.last_at,
    d.request, d.answer, count(*) OVER () AS pending
FROM closeout.deliveries AS d
WHERE d.tenant = $1 AND d.subscription = $2 AND d.state = 'pending'
    AND EXISTS (SELECT FROM closeout.subscriptions AS s WHERE s.tenant = $1 AND s.id = $2 AND s.turn = $3)
ORDER BY d.stream, d.position
