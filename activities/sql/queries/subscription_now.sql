-- Where the feed ends: whatever is recorded from now on comes after it.
SELECT closeout.current_epoch() AS epoch, pg_snapshot_xmin(pg_current_snapshot()) AS horizon
