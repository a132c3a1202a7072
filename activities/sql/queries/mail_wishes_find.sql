-- How somebody wants to be told; no row where they never said.
SELECT w.cases, w.dates, w.talk, w.zone, w.calendar_at FROM closeout.mail_wishes AS w WHERE w.tenant = $1 AND w.person = $2
