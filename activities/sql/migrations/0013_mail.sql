-- Who is written to, about what, and what became of each mail.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- One for each tenant that has mail. What is up to the position `(epoch, xid, n)` was taken into `mails`. `turn` counts the
-- workers that began to look after it. `failing_since` is since when the mail server takes nothing, and `probe_at` when it is asked
-- again, both null while it does.
CREATE TABLE closeout.mailings (
    tenant text NOT NULL CHECK (tenant <> ''),
    epoch int NOT NULL,
    xid xid8 NOT NULL,
    n bigint NOT NULL,
    turn bigint NOT NULL DEFAULT 0,
    failing_since timestamptz,
    probe_at timestamptz,
    failure text NOT NULL DEFAULT '',
    last_success_at timestamptz,
    looked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    next_at timestamptz,
    PRIMARY KEY (tenant)
);

-- What one person is told of one event, once. `org` is the client as one of whose people they are told, null for people of
-- the certification body: who is no longer that is not written to. `digest` waits for the person's next digest. A mail without an
-- address is kept as `unaddressed`; `parked` is one that was given up.
CREATE TABLE closeout.mails (
    tenant text NOT NULL CHECK (tenant <> ''),
    event_id uuid NOT NULL,
    person text NOT NULL,
    org text CHECK (org NOT IN ('', '*')),
    position text COLLATE "C" NOT NULL,
    notice jsonb NOT NULL,
    digest boolean NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'sent', 'parked', 'unaddressed', 'withdrawn')),
    attempts int NOT NULL DEFAULT 0,
    tries int NOT NULL DEFAULT 0,
    next_at timestamptz,
    last_at timestamptz,
    failure text NOT NULL DEFAULT '',
    entered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant, event_id, person)
);
CREATE INDEX mails_pending ON closeout.mails (tenant, next_at) WHERE state = 'pending';
CREATE INDEX mails_state ON closeout.mails (tenant, state, entered_at);

-- How somebody wants to be told of what happens to cases, of their dates, and of what is said on them; `zone` null is their client's. `calendar` is the SHA-256 of the secret in the address of
-- their calendar, null where they have none.
CREATE TABLE closeout.mail_wishes (
    tenant text NOT NULL CHECK (tenant <> ''),
    person text NOT NULL,
    cases text NOT NULL DEFAULT 'immediate' CHECK (cases IN ('immediate', 'digest', 'off')),
    dates text NOT NULL DEFAULT 'immediate' CHECK (dates IN ('immediate', 'digest', 'off')),
    talk text NOT NULL DEFAULT 'immediate' CHECK (talk IN ('immediate', 'digest', 'off')),
    zone text,
    calendar bytea,
    calendar_at timestamptz,
    PRIMARY KEY (tenant, person)
);
CREATE UNIQUE INDEX mail_wishes_calendar ON closeout.mail_wishes (tenant, calendar) WHERE calendar IS NOT NULL;

GRANT SELECT, INSERT, UPDATE, DELETE ON closeout.mailings, closeout.mails, closeout.mail_wishes TO closeout_app;

ALTER TABLE closeout.mailings ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.mailings FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.mails ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.mails FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.mail_wishes ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.mail_wishes FORCE ROW LEVEL SECURITY;

CREATE POLICY body ON closeout.mailings
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.mails
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.mail_wishes
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));

CREATE POLICY sweep ON closeout.mailings FOR SELECT TO CURRENT_USER
USING (current_setting('closeout.sweeping', true) = 'on');

-- The tenants whose mailing nobody looked after for a minute, nor is to before `present`; those that have none yet, too.
CREATE FUNCTION closeout.due_mailings(present timestamptz) RETURNS TABLE (tenant text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE
    all_tenants text [] := ARRAY(SELECT t.tenant FROM closeout.tenants() AS t);
BEGIN
    PERFORM pg_catalog.set_config('closeout.sweeping', 'on', true);
    RETURN QUERY
    SELECT a.tenant FROM pg_catalog.unnest(all_tenants) AS a (tenant)
    LEFT JOIN closeout.mailings AS m ON m.tenant = a.tenant
    WHERE m.tenant IS NULL OR greatest(m.looked_at, m.next_at) <= present - interval '1 minute'
    ORDER BY a.tenant;
    PERFORM pg_catalog.set_config('closeout.sweeping', '', true);
END
$$;
REVOKE ALL ON FUNCTION closeout.due_mailings(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION closeout.due_mailings(timestamptz) TO closeout_app;
