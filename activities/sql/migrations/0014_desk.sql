-- What the console asks of many cases at once: how many stand in each of a person's views.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- How many cases stand in each view, counted up to `most`, so that it costs the same however many there are. Enters.
-- `side` is the one that is asked, `audits` those of the reader, `me` who it is; `the_client` is that of client people.
CREATE FUNCTION closeout.desk_counts(
    the_tenant text, the_client text, the_viewer text, present timestamptz, side text, audits text [], me text, most int
)
RETURNS TABLE (waiting int, overdue int, triage int, assigned int, audited int, living int)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    live constant text [] := '{open,plan_submitted,evidence_submitted,verified}';
BEGIN
    PERFORM closeout.enter(the_tenant, the_client, the_viewer);
    waiting := (SELECT count(*) FROM (
        SELECT FROM closeout.nonconformities AS n
        WHERE n.tenant = the_tenant AND n.status IN ('open', 'plan_submitted', 'evidence_submitted', 'verified')
            AND CASE side WHEN 'client' THEN n.asks_client AND n.org = the_client ELSE n.asks_body END
        LIMIT most
    ) AS c);
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
            AND (the_client IS NULL OR n.org = the_client)
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
