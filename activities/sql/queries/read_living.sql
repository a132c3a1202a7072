-- The states of a client's living nonconformities, those due first, at most $3.
SELECT n.id, s.state, s.policy
FROM closeout.nonconformities AS n
INNER JOIN closeout.streams AS s ON s.tenant = n.tenant AND s.stream = n.stream
WHERE n.tenant = $1 AND n.client = $2 AND s.lives
ORDER BY n.due_at NULLS LAST, n.id LIMIT $3
