-- The cases in the calendar of the people of a client. They live, or ended since $3.
SELECT n.id FROM closeout.nonconformities AS n
WHERE n.tenant = $1 AND n.org = $2 AND n.issued_at IS NOT NULL AND (n.ended_at IS NULL OR n.ended_at > $3)
ORDER BY n.act_at, n.id LIMIT $4
