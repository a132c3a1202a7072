-- Forgets sessions that began by $2 or were not used since $3, some of them each time.
DELETE FROM closeout.sessions
WHERE tenant = $1 AND id IN (
    SELECT s.id FROM closeout.sessions AS s
    WHERE s.tenant = $1 AND (s.created_at <= $2 OR s.used_at <= $3) LIMIT 500
)
