-- The events of a stream beyond a sequence number.
SELECT * FROM closeout.events WHERE tenant = $1 AND stream = $2 AND seq > $3 ORDER BY seq LIMIT $4
