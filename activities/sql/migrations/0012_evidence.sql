-- Files of evidence: what was uploaded, to which cases it is attached, and who wrote and read it. The bytes are in the
-- object store.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- A row is written once its bytes are in the store, whole. `media_type` is what the file is taken for: what it was declared
-- to be, where its bytes do not say otherwise (`sniffed_type`).
CREATE TABLE closeout.evidence (
    tenant text NOT NULL CHECK (tenant <> ''),
    id text NOT NULL CHECK (id <> ''),
    client text NOT NULL CHECK (client NOT IN ('', '*')),
    object text NOT NULL CHECK (object <> ''),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    size bigint NOT NULL CHECK (size > 0),
    media_type text NOT NULL,
    declared_type text,
    sniffed_type text,
    name text NOT NULL CHECK (name <> ''),
    produced_on date,
    revises text,
    uploaded_by text NOT NULL,
    uploaded_at timestamptz NOT NULL,
    key text,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, object),
    UNIQUE (tenant, uploaded_by, key)
);
CREATE INDEX evidence_content ON closeout.evidence (tenant, client, sha256);
CREATE INDEX evidence_uploads ON closeout.evidence (tenant, uploaded_by, id);

-- Uploads that began and did not end: what they left in the store is removed, and nothing else ever is.
CREATE TABLE closeout.evidence_arrivals (
    tenant text NOT NULL CHECK (tenant <> ''),
    id text NOT NULL,
    object text NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant, id)
);
CREATE INDEX evidence_arrivals_begun ON closeout.evidence_arrivals (tenant, begun_at);

-- Every write and read of a file, in order.
CREATE TABLE closeout.evidence_events (
    tenant text NOT NULL CHECK (tenant <> ''),
    file text NOT NULL,
    n bigint GENERATED ALWAYS AS IDENTITY,
    type text NOT NULL CHECK (type IN ('kept', 'read', 'damaged')),
    actor text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    data jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant, file, n)
);

-- Which cases name which content, as their events say it.
CREATE TABLE closeout.evidence_cases (
    tenant text NOT NULL CHECK (tenant <> ''),
    sha256 text NOT NULL,
    case_id text NOT NULL,
    PRIMARY KEY (tenant, sha256, case_id)
);

GRANT SELECT, INSERT ON closeout.evidence, closeout.evidence_events, closeout.evidence_cases TO closeout_app;
GRANT UPDATE (client) ON closeout.evidence TO closeout_app;
GRANT SELECT, INSERT, DELETE ON closeout.evidence_arrivals TO closeout_app;

ALTER TABLE closeout.evidence ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.evidence FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.evidence_arrivals ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.evidence_arrivals FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.evidence_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.evidence_events FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.evidence_cases ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.evidence_cases FORCE ROW LEVEL SECURITY;

CREATE POLICY body ON closeout.evidence
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.evidence_arrivals
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.evidence_events
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.evidence_cases
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));

CREATE POLICY client ON closeout.evidence FOR SELECT USING (closeout.serves_client(tenant, client));
CREATE POLICY client ON closeout.evidence_events FOR SELECT USING (
    EXISTS (
        SELECT FROM closeout.evidence AS f
        WHERE f.tenant = evidence_events.tenant AND f.id = evidence_events.file
            AND closeout.serves_client(f.tenant, f.client)
    )
);

-- As with events of the ledger (0001): no role changes or deletes what was written, the owner neither.
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON closeout.evidence_events
FOR EACH ROW EXECUTE FUNCTION closeout.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON closeout.evidence_events
FOR EACH STATEMENT EXECUTE FUNCTION closeout.refuse_change();
ALTER TABLE closeout.evidence_events ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE closeout.evidence_events ENABLE ALWAYS TRIGGER append_only_table;
CREATE TRIGGER append_only BEFORE DELETE ON closeout.evidence
FOR EACH ROW EXECUTE FUNCTION closeout.refuse_change();
CREATE TRIGGER append_only_table BEFORE TRUNCATE ON closeout.evidence
FOR EACH STATEMENT EXECUTE FUNCTION closeout.refuse_change();
ALTER TABLE closeout.evidence ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE closeout.evidence ENABLE ALWAYS TRIGGER append_only_table;

-- What a case attaches, in the transaction of its event. What the event says is the ledger's; this only finds it again.
CREATE FUNCTION closeout.note_attachment() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO closeout.evidence_cases (tenant, sha256, case_id)
    VALUES (
        NEW.tenant, convert_from(NEW.payload, 'UTF8')::jsonb -> 'data' ->> 'sha256', split_part(NEW.stream, '/', 2)
    )
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER attached AFTER INSERT ON closeout.events
FOR EACH ROW WHEN (NEW.type = 'nonconformity.evidence_attached' AND NEW.payload IS NOT NULL)
EXECUTE FUNCTION closeout.note_attachment();

-- The files of a client that ends in another are the survivor's.
CREATE FUNCTION closeout.pass_evidence_on() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE closeout.evidence AS f SET client = NEW.merged_into WHERE f.tenant = NEW.tenant AND f.client = NEW.key;
    RETURN NULL;
END
$$;
CREATE TRIGGER merged AFTER UPDATE ON closeout.clients
FOR EACH ROW WHEN (NEW.merged_into IS NOT NULL AND NEW.merged_into IS DISTINCT FROM OLD.merged_into)
EXECUTE FUNCTION closeout.pass_evidence_on();
