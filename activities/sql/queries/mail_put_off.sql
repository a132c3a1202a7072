-- What was said of mails that the server put off since it took the last one: a word on each, by whose they are.
SELECT DISTINCT w.person, w.failure
FROM closeout.mails AS w
INNER JOIN closeout.mailings AS m ON m.tenant = w.tenant
WHERE w.tenant = $1 AND w.state = 'pending' AND w.tries > 0 AND w.last_at > coalesce(m.last_success_at, '-infinity')
ORDER BY w.person, w.failure LIMIT 100
