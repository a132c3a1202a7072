-- Begins a transaction's work for a tenant and, if given, one client or viewer; answers the ledger's time. $4 is the longest
-- that one statement, and one wait for a lock, may take; null leaves what the connection has.
SELECT
    clock_timestamp() AS clock, closeout.enter($1, $2, $3),
    set_config('statement_timeout', coalesce($4, current_setting('statement_timeout')), true),
    set_config('lock_timeout', coalesce($4, current_setting('lock_timeout')), true)
