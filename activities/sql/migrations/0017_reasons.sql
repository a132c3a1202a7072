-- Reasons of a certification body's own, which its reviewers give at a click when a plan or evidence goes back: by section,
-- after the packaged ones or, where it `replaces` them, instead.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE closeout.reasons (
    tenant text NOT NULL CHECK (tenant <> ''),
    section text NOT NULL CHECK (section <> ''),
    texts text [] NOT NULL,
    replaces boolean NOT NULL,
    changed_by text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant, section)
);

GRANT SELECT, INSERT, UPDATE ON closeout.reasons TO closeout_app;

ALTER TABLE closeout.reasons ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.reasons FORCE ROW LEVEL SECURITY;

CREATE POLICY body ON closeout.reasons
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
