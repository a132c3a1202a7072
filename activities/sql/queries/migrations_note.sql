-- Notes an applied migration.
INSERT INTO closeout.migrations (name, sha256) VALUES ($1, $2)
