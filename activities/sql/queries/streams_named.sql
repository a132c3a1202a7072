-- These streams, as they stand.
SELECT
    s.stream, s.seq, s.head, s.state, s.policy, s.state_version, s.next_wakeup, s.owed, s.lives, s.status, s.org, s.shown,
    s.seen_by, s.last_at
FROM closeout.streams AS s WHERE s.tenant = $1 AND s.stream = ANY($2::text [])
