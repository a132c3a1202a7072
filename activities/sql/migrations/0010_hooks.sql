-- Hooks at which other systems report findings of themselves: one for each sender, bound to a source.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- `secrets` is a list of `{secret, until}`, the present one, which has no end, first. They are in clear, as a signature
-- can be checked by nothing less; row-level security keeps them to their tenant, the API never shows one again, and the
-- secrets of a hook that ended are gone, with the digests of the requests that may have held them. `asked_key` to
-- `rotated_sha256` are as those of API keys.
CREATE TABLE closeout.hooks (
    tenant text NOT NULL CHECK (tenant <> ''),
    id text NOT NULL CHECK (id <> ''),
    source text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('github', 'jira', 'servicenow', 'standard_webhooks')),
    name text NOT NULL,
    client text CHECK (client NOT IN ('', '*')),
    may_state_grades boolean NOT NULL DEFAULT false,
    secrets jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    last_used_at timestamptz,
    asked_key text,
    asked_sha256 text,
    rotated_key text,
    rotated_sha256 text,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, asked_key)
);

GRANT SELECT, INSERT, UPDATE ON closeout.hooks TO closeout_app;

ALTER TABLE closeout.hooks ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.hooks FORCE ROW LEVEL SECURITY;

CREATE POLICY body ON closeout.hooks
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
