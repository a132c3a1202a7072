-- Who acts, with what keys, and the original documents that findings came in.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Names live here and not in events, which carry ids. `known_since` is when the token was issued that said so: an older
-- token restores no role. `email` is where mail reaches them; a token that says nothing of it leaves it as it is. `left_at` is
-- since when they are noted as having left (0019), null for who is here.
CREATE TABLE closeout.people (
    tenant text NOT NULL CHECK (tenant <> ''),
    id text NOT NULL,
    name text NOT NULL,
    roles text [] NOT NULL DEFAULT '{}',
    client text CHECK (client NOT IN ('', '*')),
    email text,
    left_at timestamptz,
    known_since timestamptz NOT NULL DEFAULT '-infinity',
    seen_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant, id)
);
CREATE INDEX people_roles ON closeout.people USING gin (roles);
CREATE INDEX people_names ON closeout.people (tenant, name, id);
CREATE INDEX people_left ON closeout.people (tenant, id) WHERE left_at IS NOT NULL;

-- Keys of machines. `hash` is the SHA-256 of the key, which is shown once and never stored; `former_hash` of the one
-- before it, good until `former_until`. `rate` is how many requests a minute it may make, in one go or spread: `remaining` are
-- those that it had at `spent_at`. `asked_key` is the Idempotency-Key under which it was made and `asked_sha256` the digest of that
-- request, `rotated_key` and `rotated_sha256` those of its last rotation: repeated, they change nothing.
CREATE TABLE closeout.api_keys (
    tenant text NOT NULL CHECK (tenant <> ''),
    id text NOT NULL,
    source text NOT NULL,
    name text NOT NULL,
    hash bytea NOT NULL,
    client text CHECK (client NOT IN ('', '*')),
    may_state_grades boolean NOT NULL DEFAULT false,
    may_create_clients boolean NOT NULL DEFAULT false,
    rate int CHECK (rate > 0),
    remaining double precision NOT NULL DEFAULT 0,
    spent_at timestamptz NOT NULL DEFAULT '-infinity',
    former_hash bytea,
    former_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    asked_key text,
    asked_sha256 text,
    rotated_key text,
    rotated_sha256 text,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, hash),
    UNIQUE (tenant, asked_key)
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

-- A client's key, name and aliases are no other client's, however they are written; those of a merged client are the
-- survivor's. The API says whose they are before it comes here; who comes here lost a race for a name, and hears it when
-- the request is repeated.
CREATE FUNCTION closeout.refuse_taken_name() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('closeout.clients', hashtextextended(NEW.tenant, 0)));
    IF EXISTS (
        SELECT FROM closeout.clients AS c, unnest(c.aliases || c.name || c.key) AS n (name)
        WHERE c.tenant = NEW.tenant AND c.key <> NEW.key AND c.merged_into IS NULL
            AND lower(btrim(n.name)) = ANY(
                SELECT lower(btrim(w.name)) FROM unnest(NEW.aliases || NEW.name || NEW.key) AS w (name)
            )
    ) THEN
        RAISE EXCEPTION 'a name of client % was taken just now', NEW.key USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER names_registered AFTER INSERT ON closeout.clients
FOR EACH ROW WHEN (NEW.merged_into IS NULL) EXECUTE FUNCTION closeout.refuse_taken_name();
CREATE TRIGGER names_revised AFTER UPDATE ON closeout.clients
FOR EACH ROW WHEN (
    NEW.merged_into IS NULL
    AND (OLD.name, OLD.aliases, OLD.merged_into) IS DISTINCT FROM (NEW.name, NEW.aliases, NEW.merged_into)
)
EXECUTE FUNCTION closeout.refuse_taken_name();

-- A client is merged into one that stands. Two merges at once could close a circle: who loses the race is told so when
-- the request is repeated.
CREATE FUNCTION closeout.refuse_merged_survivor() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('closeout.clients', hashtextextended(NEW.tenant, 0)));
    IF EXISTS (
        SELECT FROM closeout.clients AS c
        WHERE c.tenant = NEW.tenant AND c.key = NEW.merged_into AND c.merged_into IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'client % was merged just now', NEW.merged_into USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER merged_once AFTER UPDATE ON closeout.clients
FOR EACH ROW WHEN (NEW.merged_into IS NOT NULL AND OLD.merged_into IS DISTINCT FROM NEW.merged_into)
EXECUTE FUNCTION closeout.refuse_merged_survivor();
