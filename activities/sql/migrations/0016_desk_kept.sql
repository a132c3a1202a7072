-- What people keep at their desks: what they typed and did not send yet, and filters under names of their own.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- What somebody typed into the form of a command about a stream: texts by the name of their field. `about` is what the
-- form was opened for beyond that, as its address says it (`key=a1`), else empty. `seq` is the last event of the stream
-- that the form knew. JSON and not JSONB, which cannot hold everything that can be typed.
CREATE TABLE closeout.drafts (
    tenant text NOT NULL CHECK (tenant <> ''),
    person text NOT NULL,
    stream text NOT NULL,
    command text NOT NULL,
    about text NOT NULL DEFAULT '' CHECK (length(about) <= 1000),
    seq int NOT NULL CHECK (seq >= 0),
    typed json NOT NULL CHECK (octet_length(typed::text) <= 262144),
    kept_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, person, stream, command, about)
);
CREATE INDEX drafts_kept ON closeout.drafts (tenant, kept_at);

-- A filter of the inbox: what its address asks for, as it was valid when it was saved. `starts` marks the one that its
-- person begins with.
CREATE TABLE closeout.saved_filters (
    tenant text NOT NULL CHECK (tenant <> ''),
    person text NOT NULL,
    id text NOT NULL CHECK (id <> ''),
    name text NOT NULL CHECK (length(name) BETWEEN 1 AND 60),
    query jsonb NOT NULL CHECK (octet_length(query::text) <= 16384),
    starts boolean NOT NULL DEFAULT false,
    saved_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant, person, id),
    UNIQUE (tenant, person, name)
);
CREATE UNIQUE INDEX saved_filters_start ON closeout.saved_filters (tenant, person) WHERE starts;

GRANT SELECT, INSERT, UPDATE, DELETE ON closeout.drafts, closeout.saved_filters TO closeout_app;

ALTER TABLE closeout.drafts ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.drafts FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.saved_filters ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.saved_filters FORCE ROW LEVEL SECURITY;

CREATE POLICY body ON closeout.drafts
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.saved_filters
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
