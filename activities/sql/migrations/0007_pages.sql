-- What lists read, in one round trip: a page is found by the filters that were given, and told as JSON.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- For `ids_holding` alone: a policy with a condition would keep its owner from the indexes, too.
CREATE POLICY search ON closeout.nonconformities FOR SELECT TO CURRENT_USER USING (true);

-- What somebody means who types this into a search: all words, and the last one is a beginning unless it is in quotes, excluded,
-- or shorter than three bytes (two Latin letters begin too much). Quotes, a minus before a word and `or` are as
-- `websearch_to_tsquery` has them, which fails for nothing that is typed. A hyphen is a space between words that
-- stand together, here as in `words`: to the parser the one of `2026-0001` is a sign, and `0001` another number.
CREATE FUNCTION closeout.searched(q text) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
SET search_path = '' AS $$
SELECT (
    said || CASE WHEN q !~ '"\s*$' AND octet_length(substring(said FROM '(?:^| )''([^ ]+)''$')) > 2 THEN ':*' ELSE '' END
)::tsquery
FROM (
    SELECT websearch_to_tsquery('simple', coalesce(string_agg(
        CASE
            WHEN lower(word) = 'or' THEN word
            ELSE CASE WHEN word LIKE '-%' THEN '-' ELSE '' END || '"' || translate(ltrim(word, '-'), '-"', ' ') || '"'
        END,
        ' ' ORDER BY place
    ), ''))::text AS said
    FROM (
        SELECT typed[1] AS word, place
        FROM regexp_matches(q, '-?"[^"]*"?|[^\s"]+', 'g') WITH ORDINALITY AS t (typed, place)
    ) AS parts
) AS meant
$$;

-- Where to look for the cases that hold some words, a requirement, a site or a person: their ids, or null where there are
-- more than `most`, or nothing is asked. For the certification body of the tenant that was entered, and of a viewer's cases
-- alone: a client's people have few. It runs as its owner because `@@` and `@>` are not leakproof: under row-level security
-- they find no index, and every case is read. Who reads the cases of these ids is under row-level security, as ever. Inverted
-- indexes need a scan by bitmap; a sequential one would go through the cases of all tenants.
CREATE FUNCTION closeout.ids_holding(q text, term text, site text, assignee text, most int)
RETURNS text []
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = '' SET enable_seqscan = off SET enable_bitmapscan = on AS $$
DECLARE
    filters constant text := concat_ws(
        ' AND ',
        CASE WHEN q IS NOT NULL THEN $filter$n.words @@ closeout.searched($2)$filter$ END,
        CASE WHEN term IS NOT NULL THEN 'n.terms @> ARRAY[$3]' END,
        CASE WHEN site IS NOT NULL THEN $filter$n.sites @> ARRAY[$4] AND n.sites <> '{}'$filter$ END,
        CASE WHEN assignee IS NOT NULL THEN $filter$n.assignees @> ARRAY[$5] AND n.assignees <> '{}'$filter$ END
    );
    ids text [];
BEGIN
    IF filters = '' OR NOT (closeout.for_body() OR closeout.badges() IS NOT NULL) THEN
        RETURN NULL;
    END IF;
    EXECUTE 'SELECT ARRAY(SELECT n.id FROM closeout.nonconformities AS n WHERE n.tenant = $1 AND ' || filters
        || CASE WHEN closeout.for_body() THEN '' ELSE ' AND (SELECT closeout.badges()) ?| n.seen_by' END
        || ' LIMIT $6 + 1)'
    INTO ids
    USING current_setting('closeout.tenant', true), q, term, site, assignee, most;
    RETURN CASE WHEN cardinality(ids) <= most THEN ids END;
END
$$;
REVOKE ALL ON FUNCTION closeout.ids_holding(text, text, text, text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION closeout.ids_holding(text, text, text, text, int) TO closeout_app;

-- The ids of at most `most` nonconformities, the newest report first; `by_act` of those that live what is to be acted on
-- first, or of what is overdue what was due first, beyond the instant `after_act` and `before`: each along its index; of those
-- `among` alone, where given. Enters. A filter that is null is none. `the_client` is that of client people:
-- row-level security holds them to it, the filter finds its index.
-- Words that too many cases hold to be looked up are told to the planner as no rare ones (by `coalesce`, whose rows it takes for
-- half of all): it goes along the order, where it would read and sort the table for what it takes for a hundredth.
-- Planned for the filters that were given, since a plan for any filters is fifty times slower. STABLE, though it enters:
-- so it sees what its caller's statement sees. What is joined here are constants: values come by number alone.
CREATE FUNCTION closeout.ids_of_nonconformities(
    the_tenant text, the_client text, the_viewer text, present timestamptz, before text, most int, statuses text [],
    grades text [], clients text [], waiting text [], requirement text, the_source text, the_external_id text,
    audits text [], site text, assignee text, overdue boolean, due_before timestamptz, updated_since timestamptz, q text,
    asks text, by_act boolean, after_act timestamptz, among text [] DEFAULT NULL
)
RETURNS text []
LANGUAGE plpgsql STABLE AS $$
DECLARE
    instant constant text := CASE WHEN overdue THEN 'n.due_at' ELSE 'n.act_at' END;
    filters constant text := concat_ws(
        ' AND ',
        'n.tenant = $1',
        CASE WHEN the_client IS NOT NULL THEN 'n.org = $2' END,
        CASE
            WHEN before IS NULL THEN NULL
            WHEN by_act THEN '(' || instant || $filter$, n.id) > (coalesce($20, 'infinity'), $4)$filter$
            ELSE 'n.id < $4'
        END,
        CASE WHEN statuses IS NOT NULL THEN 'n.status = ANY($6)' END,
        CASE WHEN by_act THEN $filter$n.status IN ('open', 'plan_submitted', 'evidence_submitted', 'verified')$filter$ END,
        CASE WHEN grades IS NOT NULL THEN 'n.grade = ANY($7)' END,
        CASE WHEN clients IS NOT NULL THEN 'n.client = ANY($8)' END,
        CASE WHEN waiting IS NOT NULL THEN 'n.waiting_on = ANY($9)' END,
        CASE WHEN requirement IS NOT NULL THEN 'n.terms @> ARRAY[$10]' END,
        CASE WHEN the_source IS NOT NULL THEN $filter$(
            n.source = $11
            OR EXISTS (
                SELECT FROM closeout.source_refs AS f
                WHERE f.tenant = n.tenant AND f.stream = n.stream AND f.source = $11
            )
        )$filter$ END,
        CASE WHEN the_external_id IS NOT NULL THEN 'n.external_id = $12' END,
        CASE WHEN audits IS NOT NULL THEN 'n.audit_ref = ANY($13)' END,
        CASE WHEN site IS NOT NULL THEN 'n.sites @> ARRAY[$14]' END,
        CASE WHEN assignee IS NOT NULL THEN 'n.assignees @> ARRAY[$15]' END,
        CASE overdue WHEN true THEN 'n.due_at < $3' WHEN false THEN '(n.due_at >= $3 OR n.due_at IS NULL)' END,
        CASE WHEN due_before IS NOT NULL THEN 'n.due_at < $17' END,
        CASE WHEN updated_since IS NOT NULL THEN $filter$n.id IN (
            SELECT substr(m.stream, length('nonconformity/') + 1) FROM closeout.streams AS m
            WHERE m.tenant = $1 AND m.kind = 'nonconformity' AND m.last_at >= $18
        )$filter$ END,
        CASE asks WHEN 'client' THEN 'n.asks_client' WHEN 'certification_body' THEN 'n.asks_body' END,
        CASE WHEN among IS NOT NULL THEN 'n.id = ANY($22)' END
    );
    held text [];
    ids text [];
BEGIN
    PERFORM closeout.enter(the_tenant, the_client, the_viewer);
    held := CASE WHEN among IS NULL THEN closeout.ids_holding(q, requirement, site, assignee, 1000) END;
    EXECUTE 'SELECT ARRAY(SELECT n.id FROM closeout.nonconformities AS n WHERE ' || filters
        || CASE WHEN held IS NULL THEN '' ELSE ' AND n.id = ANY($21)' END
        || CASE
            WHEN q IS NULL THEN ''
            WHEN held IS NULL THEN $filter$ AND coalesce(n.words @@ closeout.searched($19), false)$filter$
            ELSE $filter$ AND n.words @@ closeout.searched($19)$filter$
        END
        || CASE WHEN by_act THEN ' ORDER BY ' || instant || ', n.id' ELSE ' ORDER BY n.id DESC' END || ' LIMIT $5)'
    INTO ids
    USING the_tenant, the_client, present, before, most, statuses, grades, clients, waiting, requirement, the_source,
        the_external_id, audits, site, assignee, overdue, due_before, updated_since, q, after_act, held, among;
    RETURN ids;
END
$$;

-- A page of them, as JSON; `more` says whether there are cases after `last`. Enters. STABLE: which cases and what is told
-- of them is seen at once, and no case changes between.
CREATE FUNCTION closeout.page_of_nonconformities(
    the_tenant text, the_client text, the_viewer text, present timestamptz, before text, most int, statuses text [],
    grades text [], clients text [], waiting text [], requirement text, the_source text, the_external_id text,
    audits text [], site text, assignee text, overdue boolean, due_before timestamptz, updated_since timestamptz, q text,
    asks text, by_act boolean, after_act timestamptz
)
RETURNS TABLE (last text, more boolean, items text)
LANGUAGE plpgsql STABLE AS $$
DECLARE
    ids text [] := closeout.ids_of_nonconformities(
        the_tenant, the_client, the_viewer, present, before, most + 1, statuses, grades, clients, waiting, requirement,
        the_source, the_external_id, audits, site, assignee, overdue, due_before, updated_since, q, asks, by_act, after_act
    );
BEGIN
    more := cardinality(ids) > most;
    ids := ids[:most];
    last := ids[cardinality(ids)];
    items := (
        SELECT coalesce(json_agg(i ORDER BY array_position(ids, i.id)), '[]')
        FROM (
            SELECT
                n.id,
                n.number,
                n.status,
                n.grade,
                n.client,
                n.title,
                t.finding -> 'requirements' AS requirements,
                json_build_object('system', n.source, 'external_id', n.external_id) AS source,
                n.audit_ref AS audit,
                n.stage,
                n.department,
                n.sites,
                coalesce(t.assigned, '{}') AS assigned,
                n.waiting_on,
                to_char(n.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS due_at,
                n.due_kind,
                to_char(n.act_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS act_at,
                coalesce(n.due_at < present, false) AS overdue,
                (
                    SELECT coalesce(json_agg(json_build_object(
                        'kind', d.kind,
                        'due_at', d.due_at,
                        'state', CASE
                            WHEN d.state = 'running' AND d.due_at::timestamptz < present THEN 'overdue'
                            ELSE d.state
                        END
                    ) ORDER BY d.place), '[]')
                    FROM ROWS FROM (
                        jsonb_to_recordset(t.deadlines) AS (kind text, due_at text, state text)
                    ) WITH ORDINALITY AS d (kind, due_at, state, place)
                ) AS deadlines,
                n.escalated,
                to_char(n.reported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS reported_at,
                to_char(n.issued_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS issued_at,
                to_char(s.last_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS updated_at,
                s.seq
            FROM closeout.nonconformities AS n
            LEFT JOIN closeout.streams AS s ON s.tenant = n.tenant AND s.stream = n.stream
            -- The state once: each operator on it would decompress it anew. What nobody set yet is not in it.
            LEFT JOIN LATERAL jsonb_to_record(s.state) AS t (finding jsonb, assigned jsonb, deadlines jsonb) ON true
            WHERE n.tenant = the_tenant AND n.id = ANY(ids)
        ) AS i
    );
    RETURN NEXT;
END
$$;

-- A page of committee reviews, the latest id first. Enters. A filter that is null is none.
CREATE FUNCTION closeout.page_of_committee_reviews(
    the_tenant text, the_client text, the_viewer text, before text, most int, the_status text, the_case text, member text
)
RETURNS TABLE (last text, more boolean, items text)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM closeout.enter(the_tenant, the_client, the_viewer);
    RETURN QUERY
    WITH page AS (
        SELECT r.* FROM closeout.committee_reviews AS r
        WHERE r.tenant = the_tenant
            AND (before IS NULL OR r.id < before)
            AND (the_status IS NULL OR r.status = the_status)
            AND (the_case IS NULL OR r.case_id = the_case)
            AND (member IS NULL OR r.members @> ARRAY[member])
        ORDER BY r.id DESC LIMIT most + 1
    ), shown AS (
        -- Named here: under row-level security, a name made in the join would find no index.
        SELECT *, 'committee_review/' || id AS stream FROM page ORDER BY id DESC LIMIT most
    )
    SELECT
        (SELECT min(id) FROM shown) AS last,
        (SELECT count(*) FROM page) > most AS more,
        (
            SELECT coalesce(json_agg(json_build_object(
                'id', r.id,
                'case_id', r.case_id,
                'number', s.state #> '{papers,number}',
                'client', s.state #> '{papers,client}',
                'title', s.state #> '{papers,title}',
                'grade', s.state #> '{papers,grade}',
                'cause', r.cause,
                'status', r.status,
                'due_at', to_char(r.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                'members', r.members,
                'recused', coalesce(s.state -> 'recused', '[]'),
                'quorum', s.state #> '{papers,rules,quorum}',
                'decision', s.state -> 'decision',
                'updated_at', to_char(r.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                'seq', r.seq
            ) ORDER BY r.id DESC), '[]')::text
            FROM shown AS r
            LEFT JOIN closeout.streams AS s ON s.tenant = r.tenant AND s.stream = r.stream
        ) AS items;
END
$$;

-- A page of clients by key. Enters.
CREATE FUNCTION closeout.page_of_clients(the_tenant text, the_client text, the_viewer text, after text, most int)
RETURNS TABLE (last text, more boolean, items text)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM closeout.enter(the_tenant, the_client, the_viewer);
    RETURN QUERY
    WITH page AS (
        SELECT c.key, c.view, c.seq FROM closeout.clients AS c
        WHERE c.tenant = the_tenant AND (after IS NULL OR c.key > after)
        ORDER BY c.key LIMIT most + 1
    ), shown AS (
        SELECT * FROM page ORDER BY key LIMIT most
    )
    SELECT
        (SELECT max(key) FROM shown) AS last,
        (SELECT count(*) FROM page) > most AS more,
        (
            SELECT coalesce(json_agg(c.view || jsonb_build_object('seq', c.seq) ORDER BY c.key), '[]')::text
            FROM shown AS c
        ) AS items;
END
$$;

-- A page of entries of a kind by id. Enters. A filter that is null is none; `holding` is what the view has to hold,
-- `among` the values by field of the view of which one has to be there.
CREATE FUNCTION closeout.page_of_entries(
    the_tenant text, the_client text, the_viewer text, the_kind text, after text, most int, the_clients text [],
    statuses text [], holding jsonb, among jsonb, due_until timestamptz
)
RETURNS TABLE (last text, more boolean, items text)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM closeout.enter(the_tenant, the_client, the_viewer);
    RETURN QUERY
    WITH page AS (
        SELECT e.id, e.view, e.updated_at, e.seq FROM closeout.entries AS e
        WHERE e.tenant = the_tenant
            AND e.kind = the_kind
            AND (after IS NULL OR e.id > after)
            AND (the_clients IS NULL OR e.client = ANY(the_clients))
            AND (statuses IS NULL OR e.status = ANY(statuses))
            AND (holding IS NULL OR e.view @> holding)
            AND (
                among IS NULL
                OR NOT EXISTS (
                    SELECT FROM jsonb_each(among) AS f (field, choice)
                    WHERE NOT coalesce(f.choice ? (e.view ->> f.field), false)
                )
            )
            AND (due_until IS NULL OR e.due_at < due_until)
        ORDER BY e.id LIMIT most + 1
    ), shown AS (
        SELECT * FROM page ORDER BY id LIMIT most
    )
    SELECT
        (SELECT max(id) FROM shown) AS last,
        (SELECT count(*) FROM page) > most AS more,
        (
            SELECT coalesce(json_agg(e.view || jsonb_build_object(
                'updated_at', to_char(e.updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
                'seq', e.seq
            ) ORDER BY e.id), '[]')::text FROM shown AS e
        ) AS items;
END
$$;
