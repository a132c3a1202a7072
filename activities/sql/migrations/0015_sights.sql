-- Who of a body sees what: a viewer wears badges, and sees each row that names one of them in `seen_by`. Reviewers and those
-- who administer a body are no viewers: they see all of it. ADR 23 says why.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- What an observer may see, of a client, an audit or a case, and until when. Kept for good: a grant may be revoked, once, and
-- is never changed otherwise. `asked_key` and `asked_sha256` are as those of API keys (0004).
CREATE TABLE closeout.grants (
    tenant text NOT NULL CHECK (tenant <> ''),
    id text NOT NULL,
    person text NOT NULL CHECK (person <> ''),
    client text,
    audit text,
    case_id text,
    until timestamptz NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    granted_by text NOT NULL,
    granted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_by text,
    revoked_at timestamptz,
    asked_key text,
    asked_sha256 text,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, asked_key),
    CHECK (num_nonnulls(client, audit, case_id) = 1),
    CHECK ((revoked_by IS NULL) = (revoked_at IS NULL))
);
CREATE INDEX grants_person ON closeout.grants (tenant, person, until);

GRANT SELECT, INSERT, UPDATE (revoked_by, revoked_at) ON closeout.grants TO closeout_app;

ALTER TABLE closeout.grants ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.grants FORCE ROW LEVEL SECURITY;

CREATE POLICY body ON closeout.grants
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));

CREATE TRIGGER revoked_once BEFORE UPDATE ON closeout.grants
FOR EACH ROW WHEN (
    OLD.revoked_at IS NOT NULL
    OR to_jsonb(NEW) - '{revoked_by,revoked_at}'::text [] <> to_jsonb(OLD) - '{revoked_by,revoked_at}'::text []
)
EXECUTE FUNCTION closeout.refuse_change();
CREATE TRIGGER append_only BEFORE DELETE ON closeout.grants
FOR EACH ROW EXECUTE FUNCTION closeout.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON closeout.grants
FOR EACH STATEMENT EXECUTE FUNCTION closeout.refuse_change();
ALTER TABLE closeout.grants ENABLE ALWAYS TRIGGER revoked_once;
ALTER TABLE closeout.grants ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE closeout.grants ENABLE ALWAYS TRIGGER append_only_table;

-- The keys of the audits on whose team somebody is, by the badges of a team: of those that the transaction sees. For the
-- body and for viewers; client people have none. It runs as its owner, as `ids_holding` (0007) and for its reason: `&&` is
-- not leakproof. Without its index (`entries_team`) each transaction of an auditor would read all audits of the tenant.
CREATE POLICY search ON closeout.entries FOR SELECT TO CURRENT_USER USING (true);

CREATE FUNCTION closeout.audits_of(team text []) RETURNS text []
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = '' SET enable_seqscan = off SET enable_bitmapscan = on SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    IF closeout.for_body() THEN
        RETURN ARRAY(
            SELECT e.id FROM closeout.entries AS e
            WHERE e.tenant = current_setting('closeout.tenant', true) AND e.kind = 'audit' AND e.seen_by && team
        );
    END IF;
    RETURN ARRAY(
        SELECT e.id FROM closeout.entries AS e
        WHERE e.tenant = current_setting('closeout.tenant', true) AND e.kind = 'audit' AND e.seen_by && team
            AND (SELECT closeout.badges()) ?| e.seen_by
    );
END
$$;
REVOKE ALL ON FUNCTION closeout.audits_of(text []) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION closeout.audits_of(text []) TO closeout_app;

-- Narrows a transaction that has entered as the body to a viewer, {badges, team, member, grantee}: to the badges come those
-- of the audits that one of `team` is on, of the cases in whose reviews `member` sits or is recused, and of what was granted
-- to `grantee` and is so now. Found as the body sees them, once a transaction: so policies ask for badges alone, and no table
-- for the rows of another.
CREATE FUNCTION closeout.narrow(the_tenant text, viewer jsonb) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    worn text [] := ARRAY(SELECT jsonb_array_elements_text(viewer -> 'badges'));
    team constant text [] := ARRAY(SELECT jsonb_array_elements_text(viewer -> 'team'));
    member constant text := viewer ->> 'member';
    grantee constant text := viewer ->> 'grantee';
BEGIN
    IF team <> '{}' THEN
        worn := worn || ARRAY(SELECT 'audit:' || a.id FROM unnest(closeout.audits_of(team)) AS a (id));
    END IF;
    IF member IS NOT NULL THEN
        worn := worn || ARRAY(
            SELECT 'case:' || r.case_id FROM closeout.committee_reviews AS r
            WHERE r.tenant = the_tenant AND (r.members @> ARRAY[member] OR r.recused @> ARRAY[member])
        );
    END IF;
    IF grantee IS NOT NULL THEN
        worn := worn || ARRAY(
            SELECT unnest(ARRAY[
                'client:' || g.client, 'audit:' || g.audit, 'case:' || g.case_id, 'entry:' || coalesce(e.org, n.org)
            ])
            FROM closeout.grants AS g
            LEFT JOIN closeout.entries AS e ON e.tenant = g.tenant AND e.kind = 'audit' AND e.id = g.audit
            LEFT JOIN closeout.nonconformities AS n ON n.tenant = g.tenant AND n.id = g.case_id
            WHERE g.tenant = the_tenant AND g.person = grantee
                AND g.until > clock_timestamp() AND g.revoked_at IS NULL
        );
    END IF;
    PERFORM set_config('closeout.client', '', true), set_config('closeout.badges', (
        SELECT coalesce(jsonb_object_agg(w.badge, true), '{}') FROM unnest(worn) AS w (badge) WHERE w.badge IS NOT NULL
    )::text, true);
END
$$;

-- In a subquery, as `for_body`: it is read once for all rows.
CREATE POLICY viewer ON closeout.streams FOR SELECT
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.badges()) ?| seen_by);
CREATE POLICY viewer ON closeout.nonconformities FOR SELECT
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.badges()) ?| seen_by);
CREATE POLICY viewer ON closeout.committee_reviews FOR SELECT
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.badges()) ?| seen_by);
CREATE POLICY viewer ON closeout.clients FOR SELECT
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.badges()) ?| seen_by);
CREATE POLICY viewer ON closeout.entries FOR SELECT
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.badges()) ?| seen_by);

CREATE POLICY viewer ON closeout.events FOR SELECT USING (
    EXISTS (
        SELECT FROM closeout.streams AS s
        WHERE s.tenant = events.tenant AND s.stream = events.stream
            AND s.tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.badges()) ?| s.seen_by
    )
);

-- The names of colleagues, and of the people of a client of whom one sees a case.
CREATE POLICY viewer ON closeout.people FOR SELECT USING (
    tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.badges()) IS NOT NULL
    AND CASE
        WHEN client IS NULL THEN (SELECT closeout.badges()) ? 'staff'
        ELSE EXISTS (
            SELECT FROM closeout.nonconformities AS n WHERE n.tenant = people.tenant AND n.org = people.client
        )
    END
);

-- A file is seen by who uploaded it, and by who sees a case of its client that names it.
CREATE POLICY viewer ON closeout.evidence_cases FOR SELECT USING (
    tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.badges()) IS NOT NULL
    AND EXISTS (
        SELECT FROM closeout.nonconformities AS n WHERE n.tenant = evidence_cases.tenant AND n.id = evidence_cases.case_id
    )
);
CREATE POLICY viewer ON closeout.evidence FOR SELECT USING (
    tenant = current_setting('closeout.tenant', true)
    AND (
        (SELECT closeout.badges()) ? ('uploader:' || uploaded_by)
        OR (
            (SELECT closeout.badges()) IS NOT NULL
            AND EXISTS (
                SELECT FROM closeout.evidence_cases AS c
                INNER JOIN closeout.nonconformities AS n ON n.tenant = c.tenant AND n.id = c.case_id
                WHERE c.tenant = evidence.tenant AND c.sha256 = evidence.sha256 AND n.client = evidence.client
            )
        )
    )
);
CREATE POLICY viewer ON closeout.evidence_events FOR SELECT USING (
    (SELECT closeout.badges()) IS NOT NULL
    AND EXISTS (SELECT FROM closeout.evidence AS f WHERE f.tenant = evidence_events.tenant AND f.id = evidence_events.file)
);

-- Who sent a document, and the keys of its source: a key of a client those that such a key sent, since of another's document
-- any item may be of any client.
CREATE POLICY viewer ON closeout.imports FOR SELECT USING (
    tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.badges()) ?| ARRAY[
        'uploader:' || (actor ->> 'id'), 'source:' || source, 'source of ' || (actor ->> 'client') || ':' || source
    ]
);
CREATE POLICY viewer ON closeout.import_items FOR SELECT USING (
    (SELECT closeout.badges()) IS NOT NULL
    AND EXISTS (SELECT FROM closeout.imports AS i WHERE i.tenant = import_items.tenant AND i.id = import_items.import)
);
