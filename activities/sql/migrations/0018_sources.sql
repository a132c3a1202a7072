-- What came in at hooks, and the sources of a certification body with what became of what they sent last.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- When something came last whose signature did not fit, and why: noted once a minute at most, as anybody can send that.
ALTER TABLE closeout.hooks ADD COLUMN forged_at timestamptz;
ALTER TABLE closeout.hooks ADD COLUMN forged text;

-- The last deliveries of each hook that were signed. `named` is what the sender calls one. The counts are of its items by what
-- became of them, `receipts` some of them as JSON text, `refusal` why it or the first of its items was not taken.
CREATE TABLE closeout.hook_deliveries (
    tenant text NOT NULL CHECK (tenant <> ''),
    hook text NOT NULL,
    id text NOT NULL CHECK (id <> ''),
    named text,
    received_at timestamptz NOT NULL,
    created int NOT NULL DEFAULT 0,
    duplicate int NOT NULL DEFAULT 0,
    updated int NOT NULL DEFAULT 0,
    recurred int NOT NULL DEFAULT 0,
    skipped int NOT NULL DEFAULT 0,
    rejected int NOT NULL DEFAULT 0,
    refusal text,
    receipts text [] NOT NULL DEFAULT '{}',
    PRIMARY KEY (tenant, hook, id)
);

GRANT SELECT, INSERT, DELETE ON closeout.hook_deliveries TO closeout_app;

ALTER TABLE closeout.hook_deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.hook_deliveries FORCE ROW LEVEL SECURITY;

CREATE POLICY body ON closeout.hook_deliveries
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));

-- The imports of one source, the newest first; and which sources there are, each found at one look.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX imports_source ON closeout.imports (tenant, source, id);
