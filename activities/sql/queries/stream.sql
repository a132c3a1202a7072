-- One stream as it stands.
SELECT stream, seq, head, state, state_version, next_wakeup, owed, lives, status, org, shown
FROM closeout.streams WHERE tenant = $1 AND stream = $2
