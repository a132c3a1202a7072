-- Where the feed ends, and whether anything that is seen happened to things of these kinds between a position and there.
SELECT
    here.epoch, here.horizon,
    EXISTS (
        SELECT FROM closeout.events AS e
        WHERE
            e.tenant = $1 AND (e.epoch, e.xid, e.n) > ($2::int, $3::xid8, $4::bigint)
            AND (e.epoch < here.epoch OR e.xid < here.horizon)
            AND split_part(e.stream, '/', 1) = ANY($5::text [])
    ) AS has_moved
FROM (SELECT closeout.current_epoch() AS epoch, pg_snapshot_xmin(pg_current_snapshot()) AS horizon) AS here
