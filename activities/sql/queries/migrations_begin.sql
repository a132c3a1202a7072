-- Waits for another runner, then makes sure that there is a place to note what was applied.
SELECT pg_advisory_lock(hashtextextended('closeout.migrations', 0));
CREATE SCHEMA IF NOT EXISTS closeout;
CREATE TABLE IF NOT EXISTS closeout.migrations (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT clock_timestamp()
)
