-- Gives somebody's calendar a new address, or none; the one before is good no more.
INSERT INTO closeout.mail_wishes (tenant, person, calendar, calendar_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant, person) DO UPDATE SET calendar = excluded.calendar, calendar_at = excluded.calendar_at
