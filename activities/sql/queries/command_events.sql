-- The events of a stream up to the last one that a command caused; none when the stream does not hold the command.
SELECT * FROM closeout.events
WHERE
    tenant = $1 AND stream = $2
    AND seq <= (SELECT max(c.seq) FROM closeout.events AS c WHERE c.tenant = $1 AND c.stream = $2 AND c.command_id = $3)
ORDER BY seq
