-- What a command does, in one round trip each: look at a stream, append to it. Each statement of a volatile function has
-- a snapshot of its own, so that what is read behind a lock is what its holder before left behind.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Holds a stream until the transaction ends: who appends to it, settles or rebuilds it, waits here.
CREATE FUNCTION closeout.hold(the_tenant text, the_stream text) RETURNS void
LANGUAGE sql
RETURN pg_advisory_xact_lock(hashtextextended(the_stream, hashtextextended(the_tenant, 0)));

-- Enters and reads where a stream stands, the request that it holds under a command, and the client whose it is. Nothing
-- is held. Always one row; the stream's columns are null for a stream that is not there, or not for this client. STABLE,
-- though it enters: so all that it reads is of one instant.
CREATE FUNCTION closeout.look(the_tenant text, the_client text, the_viewer text, the_stream text, the_command text)
RETURNS TABLE (
    xmin bigint, seq int, head bytea, state jsonb, policy bytea, state_version int, status text,
    last_at timestamptz, next_wakeup timestamptz, owed int [], lives boolean, clock timestamptz, request_sha256 bytea,
    client text, zone text, country text, subdivision text, sites text [], four_eyes boolean,
    internal_confirmation boolean, merged_into text, client_xmin bigint
)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    held bytea;
BEGIN
    PERFORM closeout.enter(the_tenant, the_client, the_viewer);
    IF the_command <> '' THEN
        -- Of its own: most look for no command, and a join with events costs its policies even where it finds nothing.
        held := (
            SELECT e.request_sha256 FROM closeout.events AS e
            WHERE e.tenant = the_tenant AND e.stream = the_stream AND e.command_id = the_command AND e.command_index = 0
        );
    END IF;
    RETURN QUERY
    SELECT s.xmin::text::bigint, s.seq, s.head, s.state, s.policy, s.state_version, s.status, s.last_at, s.next_wakeup,
        s.owed, s.lives, clock_timestamp(), held, c.key, c.zone, c.country, c.subdivision, c.sites,
        c.four_eyes, c.internal_confirmation, c.merged_into, c.xmin::text::bigint
    FROM (VALUES (the_tenant, the_stream)) AS wanted (tenant, stream)
    LEFT JOIN closeout.streams AS s ON s.tenant = wanted.tenant AND s.stream = wanted.stream
    LEFT JOIN closeout.clients AS c ON c.tenant = wanted.tenant AND c.key = s.org;
END
$$;

-- Nonconformities as deciders of other streams know them, the newest first, `most` at most. `wanted` is a CaseQuery as
-- JSON: `ids`, `numbers`, `client`, `audit`, `living`, `unsettled`, `deferred`; all that it names holds. Beside them, the
-- systemic majors of the client `holder` that replaced one of `ids`. Planned for what it names each time: a plan for any of
-- them would read every case of the tenant.
CREATE FUNCTION closeout.cases_known(the_tenant text, wanted jsonb, most int) RETURNS json
LANGUAGE plpgsql STABLE SET plan_cache_mode = 'force_custom_plan' AS $$
DECLARE
    wanted_ids constant text [] := CASE WHEN jsonb_typeof(wanted -> 'ids') = 'array' THEN ARRAY(
        SELECT jsonb_array_elements_text(wanted -> 'ids')
    ) END;
    wanted_numbers constant text [] := CASE WHEN jsonb_typeof(wanted -> 'numbers') = 'array' THEN ARRAY(
        SELECT jsonb_array_elements_text(wanted -> 'numbers')
    ) END;
    wanted_holder constant text := wanted ->> 'holder';
    wanted_client constant text := wanted ->> 'client';
    wanted_audit constant text := wanted ->> 'audit';
    living_alone constant boolean := coalesce((wanted ->> 'living')::boolean, false);
    unsettled_alone constant boolean := coalesce((wanted ->> 'unsettled')::boolean, false);
    deferred_alone constant boolean := coalesce((wanted ->> 'deferred')::boolean, false);
BEGIN
    RETURN (
        SELECT json_agg(json_build_object(
            'id', n.id,
            'number', n.number,
            'status', n.status,
            'grade', n.grade,
            'client', n.client,
            'title', n.title,
            'audit', n.audit_ref,
            'stage', n.stage,
            'requirements', n.requirements,
            'department', n.department,
            'process', n.process,
            'sites', n.sites,
            'plan', n.plan,
            'deferred', n.deferred,
            'deferred_to', n.deferred_to,
            'certificates', n.certificates,
            'causes', n.causes,
            'source', n.source,
            'recurrence_of', n.recurrence_of,
            'aggregating', n.aggregating,
            'aggregates', n.aggregates,
            'issued_at', n.issued_at,
            'ended_at', n.ended_at
        ) ORDER BY n.id DESC)
        FROM (
            (SELECT m.* FROM closeout.nonconformities AS m
            WHERE m.tenant = the_tenant
                AND (wanted_ids IS NULL OR m.id = ANY(wanted_ids))
                AND (wanted_numbers IS NULL OR m.number = ANY(wanted_numbers))
                AND (wanted_client IS NULL OR m.client = wanted_client)
                AND (wanted_audit IS NULL OR m.audit_ref = wanted_audit)
                AND (NOT unsettled_alone OR m.status <> ALL(
                    '{verified,closed,dismissed,withdrawn,superseded}'::text []
                ))
                AND (NOT deferred_alone OR m.deferred)
                AND (NOT living_alone OR EXISTS (
                    SELECT FROM closeout.streams AS s WHERE s.tenant = m.tenant AND s.stream = m.stream AND s.lives
                ))
            ORDER BY m.id DESC LIMIT most)
            -- Not by an OR in the above: under row-level security no index would serve both.
            UNION ALL
            (SELECT h.* FROM closeout.nonconformities AS h
            WHERE wanted_holder IS NOT NULL AND h.tenant = the_tenant AND h.client = wanted_holder
                AND h.aggregates && wanted_ids AND h.id <> ALL(wanted_ids))
        ) AS n
    );
END
$$;

-- Audits, certificates and the like of a client as deciders of other streams know them, by id.
CREATE FUNCTION closeout.entries_known(the_tenant text, the_kind text, wanted_client text) RETURNS json
LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN (
        SELECT json_agg(e.view ORDER BY e.id) FROM closeout.entries AS e
        WHERE e.tenant = the_tenant AND e.kind = the_kind AND e.client = wanted_client
    );
END
$$;

-- What a command needs from outside its stream: a client, another that it may be merged into, the last number of a series,
-- the committee, one audit and whom its team names by id, the client's audits and certificates, other nonconformities (`wanted_cases` as above, or null).
-- Enters; one row. Each in a statement of its own: what is not wanted is not even planned.
CREATE FUNCTION closeout.facts(
    the_tenant text, the_client text, the_viewer text, wanted_client text, wanted_survivor text, the_series text,
    the_committee boolean, the_people boolean, wanted_audit text, the_audits boolean, the_certificates boolean,
    wanted_cases jsonb, most_cases int
)
RETURNS TABLE (
    client text, zone text, country text, subdivision text, sites text [], four_eyes boolean,
    internal_confirmation boolean, merged_into text, client_xmin bigint, survivor json, last int, committee json,
    people json, audit json, team json, audits json, certificates json, cases json
)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM closeout.enter(the_tenant, the_client, the_viewer);
    IF wanted_client IS NOT NULL THEN
        SELECT c.key, c.zone, c.country, c.subdivision, c.sites, c.four_eyes, c.internal_confirmation, c.merged_into,
            c.xmin::text::bigint
        INTO client, zone, country, subdivision, sites, four_eyes, internal_confirmation, merged_into, client_xmin
        FROM closeout.clients AS c WHERE c.tenant = the_tenant AND c.key = wanted_client;
    END IF;
    IF wanted_survivor IS NOT NULL THEN
        survivor := (
            SELECT json_build_object(
                'client', c.key, 'zone', c.zone, 'country', c.country, 'subdivision', c.subdivision, 'sites', c.sites,
                'four_eyes', c.four_eyes, 'internal_confirmation', c.internal_confirmation, 'merged_into', c.merged_into
            )
            FROM closeout.clients AS c WHERE c.tenant = the_tenant AND c.key = wanted_survivor
        );
    END IF;
    IF the_series IS NOT NULL THEN
        last := (SELECT n.last FROM closeout.counters AS n WHERE n.tenant = the_tenant AND n.series = the_series);
    END IF;
    IF the_committee THEN
        committee := (
            SELECT json_agg(json_build_object(
                'id', p.id, 'name', p.name, 'roles', p.roles, 'client', p.client
            ) ORDER BY p.id)
            FROM closeout.people AS p
            WHERE p.tenant = the_tenant AND p.roles @> '{committee_member}' AND p.left_at IS NULL
        );
    END IF;
    IF the_people THEN
        people := (
            SELECT json_agg(json_build_object(
                'id', p.id, 'name', p.name, 'roles', p.roles, 'client', p.client
            ) ORDER BY p.id)
            FROM closeout.people AS p WHERE p.tenant = the_tenant AND p.client = wanted_client
        );
    END IF;
    IF wanted_audit IS NOT NULL THEN
        audit := (
            SELECT e.view::json FROM closeout.entries AS e
            WHERE e.tenant = the_tenant AND e.kind = 'audit' AND e.id = wanted_audit
        );
        team := (
            SELECT json_agg(json_build_object(
                'id', p.id, 'name', p.name, 'roles', p.roles, 'client', p.client
            ) ORDER BY p.id)
            FROM closeout.people AS p
            WHERE p.tenant = the_tenant AND p.id = ANY(ARRAY(SELECT json_array_elements_text(audit -> 'team')))
        );
    END IF;
    IF the_audits THEN
        audits := closeout.entries_known(the_tenant, 'audit', wanted_client);
    END IF;
    IF the_certificates THEN
        certificates := closeout.entries_known(the_tenant, 'certificate', wanted_client);
    END IF;
    IF wanted_cases IS NOT NULL THEN
        cases := closeout.cases_known(the_tenant, wanted_cases, most_cases);
    END IF;
    RETURN NEXT;
END
$$;

-- Appends events, moves their streams' rows, takes numbers and shows the streams in lists, all from one document:
-- {events: [...], streams: [...], grown: {...}, numbers: [...], born: [...], heard: [...], policies: [...]} and, by read
-- model, the rows that lists show. `payloads` are those of the events, in their order. `grown` is a stream whose state
-- stays, and with it all of its row that follows from that. `heard` is what sources said last of cases, `policies` are
-- those that these states may be the first to name. `born` are the names of streams without a row: no update is tried for
-- them, and all are inserted at once. (On tables that were empty when their connection first planned it, that update would
-- read all of the tenant's rows, for each finding of a batch.) The caller has entered the tenant.
CREATE FUNCTION closeout.append(document jsonb, payloads bytea []) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    epoch constant int := closeout.current_epoch();
    born text [] := '{}';
    all_born boolean := false;
    grown constant jsonb := document -> 'grown';
    moved record;
    word record;
    shown closeout.nonconformities;
BEGIN
    IF document ? 'born' THEN
        born := ARRAY(SELECT jsonb_array_elements_text(document -> 'born'));
        all_born := cardinality(born) = jsonb_array_length(document -> 'streams');
    END IF;

    -- The epoch is looked up once: as a default, it would be for each event.
    INSERT INTO closeout.events (
        epoch, tenant, stream, seq, event_id, type, v, command_id, command_index, request_sha256, actor, at, recorded_at,
        data_digest, prev, hash, salt, payload
    )
    SELECT
        epoch, e.tenant, e.stream, e.seq, e.event_id, e.type, e.v, e.command_id, e.command_index,
        decode(e.request_sha256, 'hex'), e.actor, e.at, e.recorded_at, decode(e.data_digest, 'hex'),
        decode(e.prev, 'hex'), decode(e.hash, 'hex'), decode(e.salt, 'hex'), e.unnest
    FROM ROWS FROM (
        jsonb_to_recordset(document -> 'events') AS (
            tenant text, stream text, seq int, event_id uuid, type text, v int, command_id text, command_index smallint,
            request_sha256 text, actor text, at timestamptz, recorded_at timestamptz, data_digest text, prev text,
            hash text, salt text
        ),
        unnest(payloads)
    ) AS e;

    IF document ? 'policies' THEN
        -- Looked up first: one that is there, as nearly always, costs no digest and waits for nobody.
        INSERT INTO closeout.policies (tenant, sha256, body)
        SELECT p.tenant, decode(p.sha256, 'hex'), convert_to(p.body, 'UTF8')
        FROM jsonb_to_recordset(document -> 'policies') AS p (tenant text, sha256 text, body text)
        WHERE NOT EXISTS (
            SELECT FROM closeout.policies AS k WHERE k.tenant = p.tenant AND k.sha256 = decode(p.sha256, 'hex')
        )
        ON CONFLICT (tenant, sha256) DO NOTHING;
    END IF;

    IF grown IS NOT NULL THEN
        -- Leaving the state out spares compressing it again.
        UPDATE closeout.streams AS s SET
            seq = (grown -> 'seq')::int, head = decode(grown ->> 'head', 'hex'),
            last_at = (grown ->> 'last_at')::timestamptz,
            owed = ARRAY(SELECT o::int FROM jsonb_array_elements(grown -> 'owed') AS o)
        WHERE s.tenant = grown ->> 'tenant' AND s.stream = grown ->> 'stream';
    END IF;

    IF document ? 'streams' AND NOT all_born THEN
        FOR moved IN
            SELECT * FROM jsonb_to_recordset(document -> 'streams') AS s (
                tenant text, stream text, org text, seq int, head text, status text, state jsonb, policy text,
                state_version int, last_at timestamptz, next_wakeup timestamptz, owed int [], lives boolean,
                shown boolean, seen_by text []
            )
            WHERE s.stream <> ALL(born)
        LOOP
            UPDATE closeout.streams AS s SET
                org = moved.org, seq = moved.seq, head = decode(moved.head, 'hex'), status = moved.status,
                state = moved.state, policy = decode(moved.policy, 'hex'), state_version = moved.state_version,
                last_at = moved.last_at, next_wakeup = moved.next_wakeup, owed = moved.owed, lives = moved.lives,
                shown = moved.shown, seen_by = moved.seen_by
            WHERE s.tenant = moved.tenant AND s.stream = moved.stream;
            IF NOT FOUND THEN
                born := born || moved.stream;
            END IF;
        END LOOP;
    END IF;
    IF born <> '{}' THEN
        INSERT INTO closeout.streams (
            tenant, stream, kind, org, seq, head, status, state, policy, state_version, last_at, next_wakeup, owed,
            lives, shown, seen_by
        )
        SELECT
            s.tenant, s.stream, s.kind, s.org, s.seq, decode(s.head, 'hex'), s.status, s.state,
            decode(s.policy, 'hex'), s.state_version, s.last_at, s.next_wakeup, s.owed, s.lives, s.shown, s.seen_by
        FROM jsonb_to_recordset(document -> 'streams') AS s (
            tenant text, stream text, kind text, org text, seq int, head text, status text, state jsonb, policy text,
            state_version int, last_at timestamptz, next_wakeup timestamptz, owed int [], lives boolean, shown boolean,
            seen_by text []
        )
        -- Each name is looked for among all: not by a batch of new ones, for which that takes the longer the more they are.
        WHERE all_born OR s.stream = ANY(born);
    END IF;

    IF document ? 'numbers' THEN
        INSERT INTO closeout.numbers (tenant, series, number, stream)
        SELECT t.tenant, t.series, t.number, t.stream
        FROM jsonb_to_recordset(document -> 'numbers') AS t (tenant text, series text, number int, stream text);

        UPDATE closeout.counters AS c SET last = t.last
        FROM (
            SELECT t.tenant, t.series, max(t.number) AS last
            FROM jsonb_to_recordset(document -> 'numbers') AS t (tenant text, series text, number int)
            GROUP BY t.tenant, t.series
        ) AS t
        WHERE c.tenant = t.tenant AND c.series = t.series;
    END IF;

    IF document ? 'heard' THEN
        -- Row by row, so that an index serves it whatever the planner thinks of the table.
        FOR word IN
            SELECT * FROM jsonb_to_recordset(document -> 'heard') AS h (
                tenant text, stream text, said text, said_at timestamptz
            )
        LOOP
            UPDATE closeout.source_refs AS r SET said = word.said, said_at = word.said_at
            WHERE r.tenant = word.tenant AND r.stream = word.stream;
        END LOOP;
    END IF;

    IF document ? 'nonconformity' THEN
        -- Row by row: where number, title and body stay, an update that leaves them out spares their words.
        IF NOT all_born THEN
            FOR shown IN
                SELECT * FROM jsonb_populate_recordset(NULL::closeout.nonconformities, document -> 'nonconformity') AS r
                WHERE 'nonconformity/' || r.id <> ALL(born)
            LOOP
                UPDATE closeout.nonconformities AS n SET
                    org = shown.org, status = shown.status, grade = shown.grade, client = shown.client,
                    requirements = shown.requirements, terms = shown.terms, standards = shown.standards,
                    source = shown.source,
                    external_id = shown.external_id,
                    audit_ref = shown.audit_ref, stage = shown.stage, department = shown.department,
                    process = shown.process, sites = shown.sites, plan = shown.plan, deferred = shown.deferred,
                    deferred_to = shown.deferred_to, certificates = shown.certificates, causes = shown.causes,
                    categories = shown.categories, recurrence_of = shown.recurrence_of,
                    aggregating = shown.aggregating, aggregates = shown.aggregates,
                    assignees = shown.assignees, waiting_on = shown.waiting_on, due_at = shown.due_at,
                    due_kind = shown.due_kind, act_at = shown.act_at,
                    asks_client = shown.asks_client, asks_body = shown.asks_body, escalated = shown.escalated,
                    reported_at = shown.reported_at, issued_at = shown.issued_at, ended_at = shown.ended_at,
                    shown = shown.shown, seen_by = shown.seen_by
                WHERE n.tenant = shown.tenant AND n.id = shown.id
                    AND (n.number, n.title, n.body) IS NOT DISTINCT FROM (shown.number, shown.title, shown.body);
                IF NOT FOUND THEN
                    born := born || ('nonconformity/' || shown.id);
                END IF;
            END LOOP;
        END IF;
        IF born <> '{}' THEN
            INSERT INTO closeout.nonconformities (
                tenant, id, org, number, status, grade, client, title, requirements, terms, standards, source, external_id,
                audit_ref, stage, department, process, sites, plan, deferred, deferred_to, certificates, causes,
                categories, recurrence_of,
                aggregating, aggregates, assignees, waiting_on, due_at, due_kind, act_at, asks_client, asks_body,
                escalated, reported_at, issued_at, ended_at, shown, seen_by, body
            )
            SELECT
                r.tenant, r.id, r.org, r.number, r.status, r.grade, r.client, r.title, r.requirements, r.terms, r.standards,
                r.source, r.external_id, r.audit_ref, r.stage, r.department, r.process, r.sites, r.plan,
                r.deferred, r.deferred_to, r.certificates, r.causes, r.categories, r.recurrence_of, r.aggregating,
                r.aggregates, r.assignees, r.waiting_on, r.due_at, r.due_kind, r.act_at,
                r.asks_client, r.asks_body, r.escalated,
                r.reported_at, r.issued_at, r.ended_at, r.shown, r.seen_by, r.body
            FROM jsonb_populate_recordset(NULL::closeout.nonconformities, document -> 'nonconformity') AS r
            WHERE all_born OR 'nonconformity/' || r.id = ANY(born)
            ON CONFLICT (tenant, id) DO UPDATE SET
                org = excluded.org, number = excluded.number, status = excluded.status, grade = excluded.grade,
                client = excluded.client, title = excluded.title, requirements = excluded.requirements,
                terms = excluded.terms, source = excluded.source, external_id = excluded.external_id, audit_ref = excluded.audit_ref,
                standards = excluded.standards, stage = excluded.stage, department = excluded.department,
                process = excluded.process, sites = excluded.sites, plan = excluded.plan, deferred = excluded.deferred,
                deferred_to = excluded.deferred_to, certificates = excluded.certificates, causes = excluded.causes,
                categories = excluded.categories, recurrence_of = excluded.recurrence_of,
                aggregating = excluded.aggregating, aggregates = excluded.aggregates, assignees = excluded.assignees,
                waiting_on = excluded.waiting_on,
                due_at = excluded.due_at, due_kind = excluded.due_kind, act_at = excluded.act_at,
                asks_client = excluded.asks_client, asks_body = excluded.asks_body,
                escalated = excluded.escalated, reported_at = excluded.reported_at, issued_at = excluded.issued_at, ended_at = excluded.ended_at,
                shown = excluded.shown, seen_by = excluded.seen_by, body = excluded.body;
        END IF;
    END IF;

    IF document ? 'committee_review' THEN
        INSERT INTO closeout.committee_reviews (
            tenant, id, org, case_id, cause, status, due_at, members, recused, seen_by, updated_at, seq
        )
        SELECT
            r.tenant, r.id, r.org, r.case_id, r.cause, r.status, r.due_at, r.members, r.recused, r.seen_by, r.updated_at,
            r.seq
        FROM jsonb_populate_recordset(NULL::closeout.committee_reviews, document -> 'committee_review') AS r
        ON CONFLICT (tenant, id) DO UPDATE SET
            org = excluded.org, case_id = excluded.case_id, cause = excluded.cause, status = excluded.status,
            due_at = excluded.due_at, members = excluded.members, recused = excluded.recused,
            seen_by = excluded.seen_by, updated_at = excluded.updated_at, seq = excluded.seq;
    END IF;

    IF document ? 'client' THEN
        INSERT INTO closeout.clients (
            tenant, key, org, name, zone, country, subdivision, sites, four_eyes, internal_confirmation, merged_into,
            view, aliases, seen_by, updated_at, seq
        )
        SELECT
            r.tenant, r.id, r.org, r.name, r.zone, r.country, r.subdivision, r.sites, r.four_eyes,
            r.internal_confirmation, r.merged_into, r.view, r.aliases, r.seen_by, r.updated_at, r.seq
        FROM jsonb_to_recordset(document -> 'client') AS r (
            tenant text, id text, org text, name text, zone text, country text, subdivision text, sites text [],
            four_eyes boolean, internal_confirmation boolean, merged_into text, view jsonb, aliases text [],
            seen_by text [], updated_at timestamptz, seq int
        )
        ON CONFLICT (tenant, key) DO UPDATE SET
            org = excluded.org, name = excluded.name, zone = excluded.zone, country = excluded.country,
            subdivision = excluded.subdivision, sites = excluded.sites, four_eyes = excluded.four_eyes,
            internal_confirmation = excluded.internal_confirmation, merged_into = excluded.merged_into,
            view = excluded.view, aliases = excluded.aliases, seen_by = excluded.seen_by,
            updated_at = excluded.updated_at, seq = excluded.seq;
    END IF;

    IF document ? 'entries' THEN
        INSERT INTO closeout.entries (
            tenant, kind, id, org, client, status, due_at, view, shown, seen_by, updated_at, seq
        )
        SELECT
            r.tenant, r.kind, r.id, r.org, r.client, r.status, r.due_at, r.view, r.shown, r.seen_by, r.updated_at, r.seq
        FROM jsonb_populate_recordset(NULL::closeout.entries, document -> 'entries') AS r
        ON CONFLICT (tenant, kind, id) DO UPDATE SET
            org = excluded.org, client = excluded.client, status = excluded.status, due_at = excluded.due_at,
            view = excluded.view, shown = excluded.shown, seen_by = excluded.seen_by,
            updated_at = excluded.updated_at, seq = excluded.seq;
    END IF;
END
$$;

-- Appends what was decided on one stream, if all that was seen when it was decided is still so: the stream's head and the
-- transaction that wrote its row, the one that wrote the client's row, and the clock to some seconds. (The head, because a
-- database that was restored gives the numbers of lost transactions out again.) Answers the transaction that wrote the
-- stream's row now; null where something was otherwise: then nothing was written, and the decision has to be made anew. A
-- unique violation is a command that the stream holds already.
CREATE FUNCTION closeout.append_seen(
    the_tenant text, the_stream text, seen_xmin bigint, seen_head bytea, the_client text, seen_client bigint,
    clock timestamptz, document jsonb, payloads bytea []
) RETURNS bigint
LANGUAGE plpgsql AS $$
DECLARE
    there record;
BEGIN
    PERFORM closeout.enter(the_tenant, NULL);
    PERFORM closeout.hold(the_tenant, the_stream);
    IF clock NOT BETWEEN clock_timestamp() - interval '5 seconds' AND clock_timestamp() + interval '5 seconds' THEN
        RETURN NULL;
    END IF;
    SELECT s.xmin::text::bigint AS xmin, s.head INTO there
    FROM closeout.streams AS s WHERE s.tenant = the_tenant AND s.stream = the_stream;
    IF (there.xmin, there.head) IS DISTINCT FROM (seen_xmin, seen_head) THEN
        RETURN NULL;
    END IF;
    IF the_client IS NOT NULL AND seen_client IS DISTINCT FROM (
        SELECT c.xmin::text::bigint FROM closeout.clients AS c WHERE c.tenant = the_tenant AND c.key = the_client
    ) THEN
        RETURN NULL;
    END IF;
    PERFORM closeout.append(document, payloads);
    RETURN pg_current_xact_id()::xid::text::bigint;
END
$$;

-- Takes what is done out of what a stream owes; answers where it stands then, no row for a stream that is not there.
CREATE FUNCTION closeout.settle(the_tenant text, the_stream text, seqs int [])
RETURNS TABLE (seq int, head bytea, status text, next_wakeup timestamptz, owed int [], lives boolean)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM closeout.enter(the_tenant, NULL);
    PERFORM closeout.hold(the_tenant, the_stream);
    RETURN QUERY
    UPDATE closeout.streams AS s
    SET owed = ARRAY(SELECT o.seq FROM unnest(s.owed) AS o (seq) WHERE o.seq <> ALL(seqs) ORDER BY o.seq)
    WHERE s.tenant = the_tenant AND s.stream = the_stream AND s.owed && seqs
    RETURNING s.seq, s.head, s.status, s.next_wakeup, s.owed, s.lives;
    IF NOT FOUND THEN
        RETURN QUERY
        SELECT s.seq, s.head, s.status, s.next_wakeup, s.owed, s.lives FROM closeout.streams AS s
        WHERE s.tenant = the_tenant AND s.stream = the_stream;
    END IF;
END
$$;
