-- What was written and read of a file, in order, beyond a number.
SELECT n, type, actor, at, data FROM closeout.evidence_events WHERE tenant = $1 AND file = $2 AND n > $3 ORDER BY n LIMIT $4
