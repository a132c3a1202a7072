-- One profile.
SELECT name, profile, saved_by, saved_at FROM closeout.profiles WHERE tenant = $1 AND name = $2
