-- What waits in a tenant: living streams whose wake-up is past, and events whose reactions are not done.
SELECT
    (
        SELECT count(*) FROM closeout.streams AS s WHERE s.tenant = $1 AND s.lives AND s.next_wakeup <= $2
    ) AS overdue,
    (
        SELECT min(s.next_wakeup) FROM closeout.streams AS s WHERE s.tenant = $1 AND s.lives AND s.next_wakeup <= $2
    ) AS oldest_wakeup,
    count(e.seq) AS owed, min(e.recorded_at) AS oldest_owed
FROM closeout.streams AS s
JOIN closeout.events AS e ON e.tenant = s.tenant AND e.stream = s.stream AND e.seq = ANY(s.owed)
WHERE s.tenant = $1 AND s.owed <> '{}'
