-- Forgets deliveries that ended before an instant, some of the earliest each time.
DELETE FROM closeout.deliveries AS d
USING (
    SELECT f.event_id FROM closeout.deliveries AS f
    WHERE f.tenant = $1 AND f.subscription = $2 ORDER BY f.position, f.event_id LIMIT 500
) AS early
WHERE d.tenant = $1 AND d.subscription = $2 AND d.event_id = early.event_id AND d.state <> 'pending' AND d.last_at < $3
