-- These streams, as they stand.
SELECT stream, seq, head, state, state_version, next_wakeup, owed, lives, status, org, shown
FROM closeout.streams WHERE tenant = $1 AND stream = ANY($2::text [])
