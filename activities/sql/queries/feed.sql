-- Events by position, up to the oldest running transaction: those of an earlier epoch have all ended.
SELECT * FROM closeout.events
WHERE
    tenant = $1 AND (epoch, xid, n) > ($2::int, $3::xid8, $4::bigint)
    AND (epoch < closeout.current_epoch() OR xid < pg_snapshot_xmin(pg_current_snapshot()))
ORDER BY epoch, xid, n LIMIT $5
