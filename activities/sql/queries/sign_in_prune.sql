-- Forgets sign-ins that began by an instant, some of the earliest each time.
DELETE FROM closeout.sign_ins
WHERE tenant = $1 AND state IN (
    SELECT s.state FROM closeout.sign_ins AS s
    WHERE s.tenant = $1 AND s.begun_at <= $2 ORDER BY s.begun_at LIMIT 500
)
