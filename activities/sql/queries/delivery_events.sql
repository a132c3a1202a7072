-- Events by stream and sequence number.
SELECT e.* FROM unnest($2::text [], $3::int []) AS w (stream, seq)
INNER JOIN closeout.events AS e ON e.tenant = $1 AND e.stream = w.stream AND e.seq = w.seq
