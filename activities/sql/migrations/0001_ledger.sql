-- The ledger: append-only events, where each stream stands, and what reports and numbers are kept unique by.
-- Row-level security is forced on every table that holds a tenant's rows: who has not entered sees and writes nothing.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- The role under which the application works. It owns nothing. Roles belong to the cluster, so another database of the
-- same cluster may have made it already, or may be making it now.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'closeout_app') THEN
        CREATE ROLE closeout_app NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;
END
$$;

DO $$
DECLARE
    how constant text := CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END;
BEGIN
    IF NOT pg_has_role(current_user, 'closeout_app', how) THEN
        GRANT closeout_app TO CURRENT_USER;
    END IF;
END
$$;

GRANT USAGE ON SCHEMA closeout TO closeout_app;

-- Begins a transaction's work for a tenant and, on the client's side, for one client; or, on the body's side, for a viewer,
-- who sees less than all (0015). It ends with the transaction.
CREATE FUNCTION closeout.enter(tenant text, client text, viewer text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF tenant IS NULL OR tenant = '' THEN
        RAISE EXCEPTION 'a tenant is required' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF client IN ('', '*') THEN
        RAISE EXCEPTION 'not a client: %', client USING ERRCODE = 'invalid_parameter_value';
    END IF;
    IF client IS NOT NULL AND viewer IS NOT NULL THEN
        RAISE EXCEPTION 'a client has no viewers' USING ERRCODE = 'invalid_parameter_value';
    END IF;
    PERFORM set_config('closeout.tenant', tenant, true), set_config('closeout.client', coalesce(client, '*'), true),
        set_config('closeout.badges', '', true);
    IF viewer IS NOT NULL THEN
        PERFORM closeout.narrow(tenant, viewer::jsonb);
    END IF;
END
$$;

-- Whether the transaction works for the certification body and not for one client. Policies ask it in a subquery: then
-- the planner takes it for even odds, and not for a rare row, which would turn every page of a list into a full scan. A
-- setting that has ended is '' and not null; no row has such a tenant.
CREATE FUNCTION closeout.for_body() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(current_setting('closeout.client', true) = '*', false);

-- Whether the transaction works for the client whose row this is.
CREATE FUNCTION closeout.serves_client(tenant text, org text) RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN tenant = current_setting('closeout.tenant', true) AND org = current_setting('closeout.client', true);

-- The badges of the viewer for whom the transaction works, as keys of an object; null for anybody else.
CREATE FUNCTION closeout.badges() RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('closeout.badges', true), '')::jsonb;

-- The epoch that new events get. A restored database continues in a new one, so that its positions come after every
-- position that anyone holds. `cluster` and `timeline` tell a restored database from one that went on.
CREATE TABLE closeout.ledger_epoch (
    epoch int PRIMARY KEY,
    since timestamptz NOT NULL DEFAULT clock_timestamp(),
    cluster text NOT NULL,
    timeline bigint NOT NULL
);
GRANT SELECT ON closeout.ledger_epoch TO closeout_app;

INSERT INTO closeout.ledger_epoch (epoch, cluster, timeline)
SELECT 1, s.system_identifier::text, c.timeline_id
FROM pg_control_system() AS s, pg_control_checkpoint() AS c;

CREATE FUNCTION closeout.current_epoch() RETURNS int
LANGUAGE sql STABLE
RETURN (SELECT max(epoch) FROM closeout.ledger_epoch);

CREATE TABLE closeout.events (
    epoch int NOT NULL DEFAULT closeout.current_epoch(),
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    n bigint GENERATED ALWAYS AS IDENTITY,
    tenant text NOT NULL CHECK (tenant <> ''),
    stream text NOT NULL CHECK (stream <> ''),
    seq int NOT NULL CHECK (seq > 0),
    event_id uuid NOT NULL,
    type text NOT NULL,
    v int NOT NULL,
    command_id text NOT NULL,
    command_index smallint NOT NULL CHECK (command_index >= 0),
    request_sha256 bytea NOT NULL,
    actor text NOT NULL,
    at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    data_digest bytea NOT NULL,
    prev bytea NOT NULL,
    hash bytea NOT NULL,
    salt bytea,
    payload bytea,
    PRIMARY KEY (tenant, stream, seq),
    UNIQUE (tenant, stream, command_id, command_index),
    CHECK ((salt IS NULL) = (payload IS NULL))
);
CREATE INDEX events_position ON closeout.events (tenant, epoch, xid, n);

-- The policies of cases, each once a tenant under the SHA-256 of its canonical JSON, and never changed: a stream's state
-- leaves its policy out, and the row names it.
CREATE TABLE closeout.policies (
    tenant text NOT NULL CHECK (tenant <> ''),
    sha256 bytea NOT NULL,
    body bytea NOT NULL,
    PRIMARY KEY (tenant, sha256),
    CHECK (sha256 = pg_catalog.sha256(body))
);

CREATE TABLE closeout.streams (
    tenant text NOT NULL CHECK (tenant <> ''),
    stream text NOT NULL CHECK (stream <> ''),
    kind text NOT NULL,
    org text CHECK (org NOT IN ('', '*')),
    seq int NOT NULL CHECK (seq > 0),
    head bytea NOT NULL,
    status text NOT NULL,
    state jsonb NOT NULL,
    -- No foreign key: each issue would lock the one row that all others of its tenant lock, too.
    policy bytea,
    state_version int NOT NULL,
    last_at timestamptz NOT NULL,
    next_wakeup timestamptz,
    owed int [] NOT NULL DEFAULT '{}',
    lives boolean NOT NULL,
    shown boolean NOT NULL,
    -- The badges with which a viewer sees it.
    seen_by text [] NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant, stream)
)
-- Compressed, the state of most cases stays in its row to the end (ADR 17): lists read fifty of them for each page.
WITH (toast_tuple_target = 3300);
-- By name too: at the end of a day very many wake at one instant, and pages of them go along this.
CREATE INDEX streams_due ON closeout.streams (next_wakeup, tenant, stream) WHERE lives;
CREATE INDEX streams_moved ON closeout.streams (tenant, kind, last_at);
CREATE INDEX streams_owing ON closeout.streams (tenant, stream) WHERE owed <> '{}';

-- Which finding of which source a case is. An occurrence beyond the first is a recurrence after close-out. `said` is the
-- digest of what the source said of it last, `said_at` when that was so by its own word: what is said again is no news.
CREATE TABLE closeout.source_refs (
    tenant text NOT NULL CHECK (tenant <> ''),
    source text NOT NULL,
    external_id text NOT NULL,
    occurrence int NOT NULL CHECK (occurrence > 0),
    stream text NOT NULL,
    said text,
    said_at timestamptz,
    PRIMARY KEY (tenant, source, external_id, occurrence)
);
CREATE INDEX source_refs_stream ON closeout.source_refs (tenant, stream);

-- Gapless series of numbers, and which stream holds each number, so that a vanished case leaves a visible hole.
CREATE TABLE closeout.counters (
    tenant text NOT NULL CHECK (tenant <> ''),
    series text NOT NULL,
    last int NOT NULL CHECK (last >= 0),
    PRIMARY KEY (tenant, series)
);
CREATE TABLE closeout.numbers (
    tenant text NOT NULL CHECK (tenant <> ''),
    series text NOT NULL,
    number int NOT NULL CHECK (number > 0),
    stream text NOT NULL,
    PRIMARY KEY (tenant, series, number)
);

CREATE INDEX numbers_stream ON closeout.numbers (tenant, stream);

-- Which payloads were taken away, by whom and why: a payload that is missing without such a record was tampered with.
CREATE TABLE closeout.erasures (
    tenant text NOT NULL CHECK (tenant <> ''),
    stream text NOT NULL,
    seq int NOT NULL CHECK (seq > 0),
    actor text NOT NULL CHECK (actor <> ''),
    reason text NOT NULL CHECK (reason <> ''),
    erased_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant, stream, seq)
);

GRANT SELECT ON closeout.erasures TO closeout_app;
GRANT SELECT, INSERT ON closeout.events, closeout.policies, closeout.source_refs, closeout.numbers TO closeout_app;
GRANT SELECT, INSERT, UPDATE ON closeout.streams, closeout.counters TO closeout_app;
GRANT UPDATE (said, said_at) ON closeout.source_refs TO closeout_app;

ALTER TABLE closeout.events ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.events FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.policies ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.policies FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.streams ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.streams FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.source_refs ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.source_refs FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.counters ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.counters FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.numbers ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.numbers FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.erasures ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.erasures FORCE ROW LEVEL SECURITY;

CREATE POLICY body ON closeout.events
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.policies
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.streams
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.source_refs
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.counters
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.numbers
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.erasures
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));

CREATE POLICY client ON closeout.streams FOR SELECT USING (closeout.serves_client(tenant, org) AND shown);
-- By the stream alone: when a client is merged into another, what happened before is the survivor's too.
CREATE POLICY client ON closeout.events FOR SELECT USING (
    EXISTS (
        SELECT FROM closeout.streams AS s
        WHERE s.tenant = events.tenant AND s.stream = events.stream AND s.shown
            AND closeout.serves_client(s.tenant, s.org)
    )
);

-- Events, and records of erasures, are never changed and never deleted, by anyone. The one exception is the erasure of
-- a payload, which the chain survives because it hashes the payload's digest. The trigger's argument allows it and not
-- the table's name, which in a part of `events` is the part's.
CREATE FUNCTION closeout.refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF TG_ARGV[0] = 'erasable' AND TG_OP = 'UPDATE' AND current_setting('closeout.erasing', true) = 'on' THEN
        IF NEW.salt IS NULL AND NEW.payload IS NULL
            AND to_jsonb(NEW) - '{salt,payload}'::text [] = to_jsonb(OLD) - '{salt,payload}'::text [] THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% are append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON closeout.events
FOR EACH ROW EXECUTE FUNCTION closeout.refuse_change('erasable');
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON closeout.events
FOR EACH STATEMENT EXECUTE FUNCTION closeout.refuse_change();
ALTER TABLE closeout.events ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE closeout.events ENABLE ALWAYS TRIGGER append_only_table;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON closeout.erasures
FOR EACH ROW EXECUTE FUNCTION closeout.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON closeout.erasures
FOR EACH STATEMENT EXECUTE FUNCTION closeout.refuse_change();
ALTER TABLE closeout.erasures ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE closeout.erasures ENABLE ALWAYS TRIGGER append_only_table;
