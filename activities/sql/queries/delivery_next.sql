-- The first $4 pending events of each stream, in order, and how many are pending in all; none for who has been relieved.
SELECT
    d.event_id, d.position, d.stream, d.seq, d.type, d.recorded_at, d.state, d.asked, d.attempts, d.tries, d.next_at,
    d.last_at, d.request, d.answer, d.pending
FROM (
    SELECT
        p.*, count(*) OVER () AS pending, row_number() OVER (PARTITION BY p.stream ORDER BY p.position) AS place
    FROM closeout.deliveries AS p
    WHERE p.tenant = $1 AND p.subscription = $2 AND p.state = 'pending'
        AND EXISTS (SELECT FROM closeout.subscriptions AS s WHERE s.tenant = $1 AND s.id = $2 AND s.turn = $3)
) AS d
WHERE d.place <= $4
ORDER BY d.stream, d.position
