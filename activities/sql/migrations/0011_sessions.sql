-- Who is signed in at the console, and who is about to.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- `hash` is the SHA-256 of the secret in the browser's cookie, which is never stored. Person and roles are those of the
-- sign-in; `auth_time` and `amr` say when and how they proved to the issuer who they are, null where it did not say.
-- `hint` is the ID token, by which the issuer knows what to end at sign-out.
CREATE TABLE closeout.sessions (
    tenant text NOT NULL CHECK (tenant <> ''),
    id text NOT NULL CHECK (id <> ''),
    hash bytea NOT NULL,
    person text NOT NULL,
    name text NOT NULL,
    roles text [] NOT NULL,
    client text CHECK (client NOT IN ('', '*')),
    csrf text NOT NULL,
    auth_time timestamptz,
    amr text [] NOT NULL DEFAULT '{}',
    hint text NOT NULL,
    created_at timestamptz NOT NULL,
    used_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX sessions_used ON closeout.sessions (tenant, used_at);

-- Sign-ins that wait for the issuer's answer. Which tenant they lead to is not known before, so that all are rows of the
-- installation's own. `state` is the SHA-256 of what the issuer sends back, `browser` of the cookie of the browser that began.
-- A row is taken once, and deleted by that.
CREATE TABLE closeout.sign_ins (
    tenant text NOT NULL CHECK (tenant <> ''),
    state bytea NOT NULL,
    browser bytea NOT NULL,
    nonce text NOT NULL,
    verifier text NOT NULL,
    next text NOT NULL,
    fresh boolean NOT NULL,
    begun_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, state)
);
CREATE INDEX sign_ins_begun ON closeout.sign_ins (tenant, begun_at);

GRANT SELECT, INSERT, UPDATE, DELETE ON closeout.sessions, closeout.sign_ins TO closeout_app;

ALTER TABLE closeout.sessions ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.sessions FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.sign_ins ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.sign_ins FORCE ROW LEVEL SECURITY;

CREATE POLICY body ON closeout.sessions
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.sign_ins
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
