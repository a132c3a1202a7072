-- Takes events out of what a stream owes.
UPDATE closeout.streams AS s
SET owed = ARRAY(SELECT o.seq FROM unnest(s.owed) AS o (seq) WHERE o.seq <> ALL($3::int []) ORDER BY o.seq)
WHERE s.tenant = $1 AND s.stream = $2
RETURNING stream, seq, head, state, state_version, next_wakeup, owed, lives, status, org, shown
