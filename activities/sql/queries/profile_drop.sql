-- Forgets a profile; answers its name, no row for one that is not there.
DELETE FROM closeout.profiles WHERE tenant = $1 AND name = $2 RETURNING name
