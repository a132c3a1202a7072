-- Keeps how somebody wants to be told.
INSERT INTO closeout.mail_wishes (tenant, person, mode, zone) VALUES ($1, $2, $3, $4)
ON CONFLICT (tenant, person) DO UPDATE SET mode = excluded.mode, zone = excluded.zone
