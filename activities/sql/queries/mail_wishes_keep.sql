-- Keeps how somebody wants to be told.
INSERT INTO closeout.mail_wishes (tenant, person, cases, dates, talk, zone) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (tenant, person) DO UPDATE
SET cases = excluded.cases, dates = excluded.dates, talk = excluded.talk, zone = excluded.zone
