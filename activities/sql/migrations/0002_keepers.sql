-- What reaches across tenants, or changes what nobody else may: functions that run as their owner and say ids and
-- instants only. The owner is under row-level security too; each function opens it for itself, and closes it again, by a
-- setting that policies of the owner alone read. (A SET clause would need a superuser.)
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE POLICY sweep ON closeout.streams FOR SELECT TO CURRENT_USER
USING (current_setting('closeout.sweeping', true) = 'on');
CREATE POLICY sweep ON closeout.events FOR SELECT TO CURRENT_USER
USING (current_setting('closeout.sweeping', true) = 'on' OR current_setting('closeout.erasing', true) = 'on');
CREATE POLICY erasure ON closeout.events FOR UPDATE TO CURRENT_USER
USING (current_setting('closeout.erasing', true) = 'on')
WITH CHECK (current_setting('closeout.erasing', true) = 'on');
CREATE POLICY erasure ON closeout.erasures FOR INSERT TO CURRENT_USER
WITH CHECK (current_setting('closeout.erasing', true) = 'on');

-- Living streams whose wake-up is past, the earliest first, beyond the last one of the page before. Along `streams_due`
-- alone: each page reads what it tells, also where all wake at one instant, whatever becomes of those before.
CREATE FUNCTION closeout.due_streams(
    present timestamptz, most int, last_due timestamptz, last_tenant text, last_stream text
)
RETURNS TABLE (at timestamptz, tenant text, stream text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM pg_catalog.set_config('closeout.sweeping', 'on', true);
    RETURN QUERY
    SELECT s.next_wakeup, s.tenant, s.stream FROM closeout.streams AS s
    WHERE s.lives AND s.next_wakeup <= present
        AND (s.next_wakeup, s.tenant, s.stream) > (
            coalesce(last_due, '-infinity'), coalesce(last_tenant, ''), coalesce(last_stream, '')
        )
    ORDER BY s.next_wakeup, s.tenant, s.stream LIMIT most;
    PERFORM pg_catalog.set_config('closeout.sweeping', '', true);
END
$$;

-- Streams that owe reactions, or their start; by name, beyond the last one of the page before.
CREATE FUNCTION closeout.owing_streams(most int, last_tenant text, last_stream text)
RETURNS TABLE (tenant text, stream text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM pg_catalog.set_config('closeout.sweeping', 'on', true);
    RETURN QUERY
    SELECT s.tenant, s.stream FROM closeout.streams AS s
    WHERE s.owed <> '{}' AND (s.tenant, s.stream) > (last_tenant, last_stream)
    ORDER BY s.tenant, s.stream LIMIT most;
    PERFORM pg_catalog.set_config('closeout.sweeping', '', true);
END
$$;

-- Every tenant that has a stream or an event; steps from tenant to tenant by index.
CREATE FUNCTION closeout.tenants() RETURNS TABLE (tenant text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM pg_catalog.set_config('closeout.sweeping', 'on', true);
    RETURN QUERY
    WITH RECURSIVE of_events AS (
        (SELECT e.tenant FROM closeout.events AS e ORDER BY e.tenant LIMIT 1)
        UNION ALL
        SELECT (SELECT e.tenant FROM closeout.events AS e WHERE e.tenant > f.tenant ORDER BY e.tenant LIMIT 1)
        FROM of_events AS f WHERE f.tenant IS NOT NULL
    ), of_streams AS (
        (SELECT s.tenant FROM closeout.streams AS s ORDER BY s.tenant LIMIT 1)
        UNION ALL
        SELECT (SELECT s.tenant FROM closeout.streams AS s WHERE s.tenant > f.tenant ORDER BY s.tenant LIMIT 1)
        FROM of_streams AS f WHERE f.tenant IS NOT NULL
    )
    SELECT f.tenant FROM of_events AS f WHERE f.tenant IS NOT NULL
    UNION
    SELECT f.tenant FROM of_streams AS f WHERE f.tenant IS NOT NULL
    ORDER BY 1;
    PERFORM pg_catalog.set_config('closeout.sweeping', '', true);
END
$$;

-- Takes an event's payload away for good, and records who had it done and why; its place in the chain stays. Answers
-- whether there was one.
CREATE FUNCTION closeout.erase(
    the_tenant text, the_stream text, the_seq int, the_actor text, the_reason text
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    erased boolean;
BEGIN
    PERFORM pg_catalog.set_config('closeout.erasing', 'on', true);
    UPDATE closeout.events SET salt = NULL, payload = NULL
    WHERE tenant = the_tenant AND stream = the_stream AND seq = the_seq AND payload IS NOT NULL;
    erased := FOUND;
    IF erased THEN
        INSERT INTO closeout.erasures (tenant, stream, seq, actor, reason)
        VALUES (the_tenant, the_stream, the_seq, the_actor, the_reason);
    END IF;
    PERFORM pg_catalog.set_config('closeout.erasing', '', true);
    RETURN erased;
END
$$;

-- Begins a new epoch; call it after a restore that `migrate` cannot see (a disk image of the same cluster). Waits for
-- every running append, so that none of the old epoch commits behind a reader of the new one.
CREATE FUNCTION closeout.raise_epoch() RETURNS int
LANGUAGE plpgsql AS $$
DECLARE
    raised int;
BEGIN
    LOCK TABLE closeout.events IN SHARE ROW EXCLUSIVE MODE;
    INSERT INTO closeout.ledger_epoch (epoch, cluster, timeline)
    SELECT closeout.current_epoch() + 1, s.system_identifier::text, c.timeline_id
    FROM pg_control_system() AS s, pg_control_checkpoint() AS c
    RETURNING epoch INTO raised;
    RETURN raised;
END
$$;

-- Guards a part of `events` by what its parent does not hand on (docs/scale.md): row-level security without a policy, so
-- that nobody goes past the parent's, and a trigger on TRUNCATE of its own. Call it where the part is made.
CREATE FUNCTION closeout.guard_part(part regclass) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', part);
    EXECUTE format(
        'CREATE TRIGGER append_only_table BEFORE TRUNCATE ON %s '
        'FOR EACH STATEMENT EXECUTE FUNCTION closeout.refuse_change()', part
    );
    EXECUTE format('ALTER TABLE %s ENABLE ALWAYS TRIGGER append_only_table', part);
END
$$;

REVOKE ALL ON FUNCTION closeout.due_streams(timestamptz, int, timestamptz, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION closeout.owing_streams(int, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION closeout.tenants() FROM PUBLIC;
REVOKE ALL ON FUNCTION closeout.erase(text, text, int, text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION closeout.raise_epoch() FROM PUBLIC;
REVOKE ALL ON FUNCTION closeout.guard_part(regclass) FROM PUBLIC;
GRANT EXECUTE
ON FUNCTION closeout.due_streams(timestamptz, int, timestamptz, text, text), closeout.owing_streams(int, text, text),
closeout.tenants()
TO closeout_app;
