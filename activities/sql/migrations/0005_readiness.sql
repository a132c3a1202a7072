-- Worker and API see which migrations were applied: they are ready only on a schema that they know.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

GRANT SELECT ON closeout.migrations TO closeout_app;
