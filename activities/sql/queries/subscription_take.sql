-- Moves a subscription to $4, $5, $6 and enters the events that it is to be sent, unless it was moved meanwhile. An event
-- that was delivered before, and comes again by a replay, is pending anew; one that still is goes on as it was.
WITH moved AS (
    UPDATE closeout.subscriptions AS s SET epoch = $4, xid = $5::xid8, n = $6
    WHERE s.tenant = $1 AND s.id = $2 AND s.turn = $3 AND s.state = 'active'
        AND (s.epoch, s.xid, s.n) = ($7::int, $8::xid8, $9::bigint)
    RETURNING s.org
), entered AS (
    INSERT INTO closeout.deliveries AS d (
        tenant, subscription, event_id, org, position, stream, seq, type, recorded_at
    )
    SELECT $1, $2, e.event_id, m.org, e.position, e.stream, e.seq, e.type, e.recorded_at
    FROM moved AS m
    CROSS JOIN unnest($10::uuid [], $11::text [], $12::text [], $13::int [], $14::text [], $15::timestamptz [])
        AS e (event_id, position, stream, seq, type, recorded_at)
    ON CONFLICT (tenant, subscription, event_id) DO UPDATE SET
        state = 'pending',
        asked = d.asked + 1,
        tries = CASE WHEN d.state = 'pending' THEN d.tries ELSE 0 END,
        next_at = CASE WHEN d.state = 'pending' THEN d.next_at END
)
SELECT EXISTS (SELECT FROM moved) AS moved
