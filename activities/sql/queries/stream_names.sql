-- Every stream of a tenant that has a row or an event.
SELECT s.stream FROM closeout.streams AS s WHERE s.tenant = $1
UNION
SELECT e.stream FROM closeout.events AS e WHERE e.tenant = $1
ORDER BY 1
