-- Follows BEGIN: the longest that one statement, and one wait for a lock, may take in this transaction.
SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $1, true)
