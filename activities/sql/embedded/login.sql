-- The statement that makes or renews the login role of worker and API ($1: its password): DDL takes no parameters.
SELECT format(
    '%s ROLE closeout_login LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD %L',
    CASE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = 'closeout_login') THEN 'ALTER' ELSE 'CREATE' END,
    $1::text
);
