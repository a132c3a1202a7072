-- What the server is set to, as this session has it; sizes in connections.
SELECT
    current_setting('server_version') AS version, current_setting('server_version_num')::int AS version_number,
    current_setting('fsync') AS fsync, current_setting('full_page_writes') AS full_page_writes,
    current_setting('synchronous_commit') AS synchronous_commit, pg_is_in_recovery() AS standby,
    current_setting('max_connections')::int AS max_connections,
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true)::int, 0) AS usable,
    (SELECT sum(d.numbackends)::int FROM pg_catalog.pg_stat_database AS d) AS used,
    clock_timestamp() AS clock
