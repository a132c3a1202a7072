-- Documents that are imported in the background, what became of each of their items, and how tables are read.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- `next` is how many items have their receipts: where an import goes on that a crash broke off. `actor` and
-- `may_create_clients` are what the sender was and might do when the document was taken.
CREATE TABLE closeout.imports (
    tenant text NOT NULL CHECK (tenant <> ''),
    id text NOT NULL,
    source text NOT NULL,
    key text,
    request_sha256 bytea NOT NULL,
    actor jsonb NOT NULL,
    may_create_clients boolean NOT NULL,
    document bytea NOT NULL,
    media_type text NOT NULL,
    name text NOT NULL DEFAULT '',
    format text,
    read_as text,
    notes jsonb NOT NULL DEFAULT '[]',
    client text,
    profile jsonb,
    state text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'reading', 'done', 'failed', 'cancelled')),
    cancelling boolean NOT NULL DEFAULT false,
    total int CHECK (total >= 0),
    next int NOT NULL DEFAULT 0 CHECK (next >= 0),
    created int NOT NULL DEFAULT 0,
    duplicate int NOT NULL DEFAULT 0,
    updated int NOT NULL DEFAULT 0,
    recurred int NOT NULL DEFAULT 0,
    skipped int NOT NULL DEFAULT 0,
    rejected int NOT NULL DEFAULT 0,
    problem jsonb,
    received_at timestamptz NOT NULL,
    started_at timestamptz,
    touched_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, source, key)
);
CREATE INDEX imports_under_way ON closeout.imports (touched_at) WHERE ended_at IS NULL;

-- Receipts, a row for those that were kept at once: of the items from `place` to `last`, in their order, the result of each and
-- the receipt as JSON text. (A row and two entries of indexes for each took Postgres longer than finding them takes.)
CREATE TABLE closeout.import_items (
    tenant text NOT NULL CHECK (tenant <> ''),
    import text NOT NULL,
    place int NOT NULL CHECK (place >= 0),
    last int NOT NULL CHECK (last >= place),
    results text [] NOT NULL,
    told text [] NOT NULL,
    PRIMARY KEY (tenant, import, last),
    CHECK (cardinality(results) = last - place + 1 AND cardinality(told) = last - place + 1)
);

CREATE TABLE closeout.profiles (
    tenant text NOT NULL CHECK (tenant <> ''),
    name text NOT NULL,
    profile jsonb NOT NULL,
    saved_by text NOT NULL,
    saved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant, name)
);

GRANT SELECT, INSERT, UPDATE ON closeout.imports TO closeout_app;
GRANT SELECT, INSERT ON closeout.import_items TO closeout_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON closeout.profiles TO closeout_app;

ALTER TABLE closeout.imports ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.imports FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.import_items ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.import_items FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.profiles FORCE ROW LEVEL SECURITY;

CREATE POLICY body ON closeout.imports
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.import_items
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.profiles
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));

-- What a sweep must nudge: imports that go on and that nobody touched since `present`; as streams, by name, as `owing_streams`
-- has them.
CREATE POLICY sweep ON closeout.imports FOR SELECT TO CURRENT_USER
USING (current_setting('closeout.sweeping', true) = 'on');

CREATE FUNCTION closeout.due_imports(present timestamptz, most int, last_tenant text, last_stream text)
RETURNS TABLE (tenant text, stream text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM pg_catalog.set_config('closeout.sweeping', 'on', true);
    RETURN QUERY
    SELECT i.tenant, 'import/' || i.id FROM closeout.imports AS i
    WHERE i.ended_at IS NULL AND i.touched_at <= present AND (i.tenant, 'import/' || i.id) > (last_tenant, last_stream)
    ORDER BY i.tenant, i.id LIMIT most;
    PERFORM pg_catalog.set_config('closeout.sweeping', '', true);
END
$$;
REVOKE ALL ON FUNCTION closeout.due_imports(timestamptz, int, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION closeout.due_imports(timestamptz, int, text, text) TO closeout_app;
