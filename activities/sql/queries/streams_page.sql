-- The streams of a tenant by name, beyond a name.
SELECT stream, seq, head, state, state_version, next_wakeup, owed, lives, status, org, shown
FROM closeout.streams WHERE tenant = $1 AND stream > $2 ORDER BY stream LIMIT $3
