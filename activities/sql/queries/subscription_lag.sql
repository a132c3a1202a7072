-- How far subscriptions are behind: events that were taken and not delivered, with the first of them and their next try;
-- and of the feed beyond, at most $3 events, with the first of them.
SELECT s.id, held.events AS pending, held.since AS pending_since, held.next_at, beyond.events AS beyond, beyond.since
FROM closeout.subscriptions AS s
CROSS JOIN LATERAL (
    SELECT count(*)::int AS events, min(d.recorded_at) AS since, min(d.next_at) AS next_at
    FROM closeout.deliveries AS d
    WHERE d.tenant = s.tenant AND d.subscription = s.id AND d.state = 'pending'
) AS held
CROSS JOIN LATERAL (
    SELECT count(*)::int AS events, min(f.recorded_at) AS since
    FROM (
        SELECT e.recorded_at FROM closeout.events AS e
        WHERE e.tenant = s.tenant AND (e.epoch, e.xid, e.n) > (s.epoch, s.xid, s.n)
        ORDER BY e.epoch, e.xid, e.n LIMIT $3
    ) AS f
) AS beyond
WHERE s.tenant = $1 AND s.id = ANY($2::text [])
