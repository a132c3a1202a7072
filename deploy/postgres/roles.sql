-- Two logins for the ledger's database: the owner, for migrations, and the login of worker and API, which may only act as
-- closeout_app. Run once with psql, as an administrator; passwords come from the environment.
\set ON_ERROR_STOP on
\getenv owner_password LEDGER_OWNER_PASSWORD
\getenv login_password LEDGER_PASSWORD
SELECT 'CREATE ROLE closeout_app NOLOGIN'
WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'closeout_app') \gexec
CREATE ROLE ledger_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE ledger_login LOGIN PASSWORD :'login_password';
GRANT closeout_app TO ledger_owner, ledger_login;
CREATE DATABASE ledger OWNER ledger_owner;
REVOKE ALL ON DATABASE ledger FROM PUBLIC;
GRANT CONNECT ON DATABASE ledger TO ledger_login;
