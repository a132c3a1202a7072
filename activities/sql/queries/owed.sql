-- The events of a stream whose reactions are not done.
SELECT e.* FROM closeout.streams AS s
JOIN closeout.events AS e ON e.tenant = s.tenant AND e.stream = s.stream AND e.seq = ANY(s.owed)
WHERE s.tenant = $1 AND s.stream = $2 ORDER BY e.seq
