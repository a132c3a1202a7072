-- The first event that was recorded at an instant or later; no row where there is none. Looked for from the end, with an
-- hour to spare for transactions that ended late, then forwards.
WITH early AS MATERIALIZED (
    SELECT e.epoch, e.xid, e.n FROM closeout.events AS e
    WHERE e.tenant = $1 AND e.recorded_at < $2::timestamptz - interval '1 hour'
    ORDER BY e.epoch DESC, e.xid DESC, e.n DESC LIMIT 1
), start AS MATERIALIZED (
    SELECT coalesce(b.epoch, 0) AS epoch, coalesce(b.xid, '0'::xid8) AS xid, coalesce(b.n, 0) AS n
    FROM (VALUES (true)) AS always (one) LEFT JOIN early AS b ON true
)
SELECT e.epoch, e.xid, e.n FROM start AS s
CROSS JOIN LATERAL (
    SELECT f.epoch, f.xid, f.n FROM closeout.events AS f
    WHERE f.tenant = $1 AND (f.epoch, f.xid, f.n) > (s.epoch, s.xid, s.n) AND f.recorded_at >= $2
    ORDER BY f.epoch, f.xid, f.n LIMIT 1
) AS e
