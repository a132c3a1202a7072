-- Where a mailing is, whether the feed goes on beyond that, and what waits until when; no row for who was relieved. All up to
-- `horizon`, of the epoch `present`, was committed or never will be.
SELECT
    m.epoch, m.xid, m.n, m.failing_since, m.probe_at,
    EXISTS (
        SELECT FROM closeout.events AS e
        WHERE e.tenant = $1 AND (e.epoch, e.xid, e.n) > (m.epoch, m.xid, m.n)
            AND (e.epoch < closeout.current_epoch() OR e.xid < pg_snapshot_xmin(pg_current_snapshot()))
    ) AS fresh,
    EXISTS (
        SELECT FROM closeout.mails AS w WHERE w.tenant = $1 AND w.state = 'pending' AND w.next_at IS NULL
    ) AS waiting,
    (SELECT min(w.next_at) FROM closeout.mails AS w WHERE w.tenant = $1 AND w.state = 'pending') AS next_at,
    closeout.current_epoch() AS present,
    pg_snapshot_xmin(pg_current_snapshot()) AS horizon
FROM closeout.mailings AS m WHERE m.tenant = $1 AND m.turn = $2
