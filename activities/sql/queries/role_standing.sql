-- Who this session is and acts as, what either may do beyond the rules, and which tables and which of the triggers that
-- keep the record append-only do not guard themselves.
SELECT
    session_user::text AS login, current_user::text AS acting,
    l.rolsuper OR l.rolbypassrls AS login_unbound, r.rolsuper OR r.rolbypassrls AS acting_unbound,
    EXISTS (
        SELECT FROM pg_catalog.pg_class AS c
        WHERE c.relnamespace = to_regnamespace('closeout') AND c.relowner IN (r.oid)
    ) AS acting_owns,
    EXISTS (
        SELECT FROM pg_catalog.pg_class AS c
        WHERE c.relnamespace = to_regnamespace('closeout') AND c.relowner = l.oid
    ) AS login_owns,
    ARRAY(
        SELECT c.relname::text FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attname = 'tenant' AND NOT a.attisdropped
        WHERE c.relnamespace = to_regnamespace('closeout') AND c.relkind IN ('r', 'p')
            AND NOT (c.relrowsecurity AND c.relforcerowsecurity)
        ORDER BY 1
    ) AS open_tables,
    ARRAY(
        SELECT c.relname || '.' || w.name FROM pg_catalog.pg_class AS c
        CROSS JOIN unnest('{append_only,append_only_table}'::text []) AS w (name)
        LEFT JOIN pg_catalog.pg_trigger AS t ON t.tgrelid = c.oid AND t.tgname = w.name
        WHERE c.relnamespace = to_regnamespace('closeout')
            AND EXISTS (SELECT FROM pg_catalog.pg_trigger AS o WHERE o.tgrelid = c.oid AND o.tgname LIKE 'append_only%')
            AND t.tgenabled IS DISTINCT FROM 'A'
        ORDER BY 1
    ) AS slack_triggers
FROM pg_catalog.pg_roles AS l, pg_catalog.pg_roles AS r
WHERE l.rolname = session_user AND r.rolname = current_user
