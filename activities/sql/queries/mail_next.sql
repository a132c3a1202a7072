-- What is to be written by $2, at most $3: person by person, those first whose mails were not tried for longest.
SELECT w.event_id, w.person, w.org, w.notice, w.digest, w.tries
FROM closeout.mails AS w
WHERE w.tenant = $1 AND w.state = 'pending' AND (w.next_at IS NULL OR w.next_at <= $2)
ORDER BY max(w.last_at) OVER (PARTITION BY w.person) NULLS FIRST, w.person, w.position, w.event_id LIMIT $3
