-- What the console asks of many cases at once: how many stand in each of a person's views.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- How many cases stand in each view, counted up to `most`, so that it costs the same however many there are. Enters.
-- Planned for the values that are given: a plan for any reader walks through all cases for some. Along an index alone, which
-- ends where enough is counted: other scans go through all cases first, a sequential one through those of all tenants.
-- `audits` are those of the reader, `me` is who it is; `the_client` is that of client people.
CREATE FUNCTION closeout.desk_counts(
    the_tenant text, the_client text, the_viewer text, present timestamptz, audits text [], me text, most int
)
RETURNS TABLE (overdue int, triage int, assigned int, audited int, living int)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_custom_plan SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    live constant text [] := '{open,plan_submitted,evidence_submitted,verified}';
    mine text [];
BEGIN
    PERFORM closeout.enter(the_tenant, the_client, the_viewer);
    mine := closeout.ids_holding(NULL, NULL, NULL, me, most);
    overdue := (SELECT count(*) FROM (
        SELECT FROM closeout.nonconformities AS n
        WHERE n.tenant = the_tenant AND n.due_at < present AND (the_client IS NULL OR n.org = the_client)
        LIMIT most
    ) AS c);
    triage := (SELECT count(*) FROM (
        SELECT FROM closeout.nonconformities AS n
        WHERE n.tenant = the_tenant AND n.status = 'reported' AND (the_client IS NULL OR n.org = the_client)
        LIMIT most
    ) AS c);
    assigned := (SELECT count(*) FROM (
        SELECT FROM closeout.nonconformities AS n
        WHERE n.tenant = the_tenant AND n.assignees @> ARRAY[me] AND n.status = ANY(live)
            AND (the_client IS NULL OR n.org = the_client) AND (mine IS NULL OR n.id = ANY(mine))
        LIMIT most
    ) AS c);
    audited := (SELECT count(*) FROM (
        SELECT FROM closeout.nonconformities AS n
        WHERE n.tenant = the_tenant AND n.audit_ref = ANY(audits) AND n.status = ANY(live)
        LIMIT most
    ) AS c);
    living := (SELECT count(*) FROM (
        SELECT FROM closeout.nonconformities AS n
        WHERE n.tenant = the_tenant AND n.waiting_on IS NOT NULL AND n.status = ANY(live)
            AND (the_client IS NULL OR n.org = the_client)
        LIMIT most
    ) AS c);
    RETURN NEXT;
END
$$;
