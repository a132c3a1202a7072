"""The append-only, hash-chained record of every fact, in Postgres and, for tests, in memory."""
