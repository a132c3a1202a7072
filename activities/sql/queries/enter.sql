-- Begins a transaction's work for a tenant and, if given, one client; answers the ledger's time.
SELECT clock_timestamp() AS clock, closeout.enter($1, $2)
