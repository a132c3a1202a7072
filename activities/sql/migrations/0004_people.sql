-- Who acts, with what keys, and the original documents that findings came in.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Names live here and not in events, which carry ids.
CREATE TABLE closeout.people (
    tenant text NOT NULL CHECK (tenant <> ''),
    id text NOT NULL,
    name text NOT NULL,
    roles text [] NOT NULL DEFAULT '{}',
    client text CHECK (client NOT IN ('', '*')),
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant, id)
);
CREATE INDEX people_roles ON closeout.people USING gin (roles);

-- Keys of machines. `hash` is the SHA-256 of the key, which is shown once and never stored.
CREATE TABLE closeout.api_keys (
    tenant text NOT NULL CHECK (tenant <> ''),
    id text NOT NULL,
    source text NOT NULL,
    name text NOT NULL,
    hash bytea NOT NULL,
    client text CHECK (client NOT IN ('', '*')),
    may_state_grades boolean NOT NULL DEFAULT false,
    may_create_clients boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, hash)
);

-- Documents as they were received, byte for byte.
CREATE TABLE closeout.documents (
    tenant text NOT NULL CHECK (tenant <> ''),
    sha256 bytea NOT NULL,
    source text NOT NULL,
    media_type text NOT NULL,
    name text NOT NULL DEFAULT '',
    size bigint NOT NULL CHECK (size >= 0),
    received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    bytes bytea NOT NULL,
    PRIMARY KEY (tenant, sha256)
);

GRANT SELECT, INSERT, UPDATE ON closeout.people, closeout.api_keys TO closeout_app;
GRANT SELECT, INSERT ON closeout.documents TO closeout_app;

ALTER TABLE closeout.people ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.people FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.api_keys FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.documents ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.documents FORCE ROW LEVEL SECURITY;

CREATE POLICY body ON closeout.people
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.api_keys
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.documents
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));

CREATE POLICY client ON closeout.people FOR SELECT USING (closeout.serves_client(tenant, client));
