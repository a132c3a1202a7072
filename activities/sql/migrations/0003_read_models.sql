-- What lists and searches read: projections of the streams' states, rebuilt at any time by `closeout ledger rebuild`.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE closeout.nonconformities (
    tenant text NOT NULL CHECK (tenant <> ''),
    id text NOT NULL,
    -- A column, because under row-level security a name that is made in a join finds no index.
    stream text NOT NULL GENERATED ALWAYS AS ('nonconformity/' || id) STORED,
    org text CHECK (org NOT IN ('', '*')),
    number text,
    status text NOT NULL,
    grade text,
    client text NOT NULL,
    title text NOT NULL,
    requirements text [] NOT NULL DEFAULT '{}',
    -- What the requirements are asked for by: the name of each, and each ending of it, which is the clause alone.
    terms text [] NOT NULL DEFAULT '{}',
    -- The standards of the requirements, each once.
    standards text [] NOT NULL DEFAULT '{}',
    source text,
    external_id text,
    audit_ref text,
    stage text,
    department text,
    process text,
    sites text [] NOT NULL DEFAULT '{}',
    plan text NOT NULL,
    deferred boolean NOT NULL,
    deferred_to text,
    certificates text [] NOT NULL DEFAULT '{}',
    causes text [] NOT NULL DEFAULT '{}',
    -- The categories of the causes, each once; '' where a cause has none.
    categories text [] NOT NULL DEFAULT '{}',
    recurrence_of text,
    aggregating text,
    aggregates text [] NOT NULL DEFAULT '{}',
    assignees text [] NOT NULL DEFAULT '{}',
    waiting_on text,
    due_at timestamptz,
    due_kind text,
    -- By when whoever it waits on should act: for a client the latest safe instant; infinity where nothing is due.
    act_at timestamptz NOT NULL DEFAULT 'infinity',
    -- Whether the client, and whether the certification body, has something to do or to answer, whosever turn it is.
    asks_client boolean NOT NULL DEFAULT false,
    asks_body boolean NOT NULL DEFAULT false,
    escalated boolean NOT NULL DEFAULT false,
    reported_at timestamptz,
    issued_at timestamptz,
    ended_at timestamptz,
    shown boolean NOT NULL DEFAULT false,
    -- As of its stream; so in every read model.
    seen_by text [] NOT NULL DEFAULT '{}',
    body text NOT NULL DEFAULT '',
    -- Cut, because a text whose words come to more than a megabyte is an error. Without hyphens: see `searched` (0007).
    words tsvector GENERATED ALWAYS AS (
        to_tsvector('simple'::regconfig, translate(left(coalesce(number, '') || ' ' || title || ' ' || body, 100000), '-', ' '))
    ) STORED,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX nonconformities_status ON closeout.nonconformities (tenant, status, id);
CREATE INDEX nonconformities_grade ON closeout.nonconformities (tenant, grade, id) WHERE grade IS NOT NULL;
CREATE INDEX nonconformities_client ON closeout.nonconformities (tenant, client, id);
CREATE INDEX nonconformities_org ON closeout.nonconformities (tenant, org, id);
CREATE INDEX nonconformities_due ON closeout.nonconformities (tenant, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX nonconformities_waiting ON closeout.nonconformities (tenant, waiting_on, id) WHERE waiting_on IS NOT NULL;
-- Only of what lives: findings in triage, which come by the ten thousand, and ended cases wait in no inbox.
CREATE INDEX nonconformities_act ON closeout.nonconformities (tenant, act_at, id)
WHERE status IN ('open', 'plan_submitted', 'evidence_submitted', 'verified');
CREATE INDEX nonconformities_act_org ON closeout.nonconformities (tenant, org, act_at, id)
WHERE status IN ('open', 'plan_submitted', 'evidence_submitted', 'verified');
CREATE INDEX nonconformities_asks_body ON closeout.nonconformities (tenant, act_at, id)
WHERE asks_body AND status IN ('open', 'plan_submitted', 'evidence_submitted', 'verified');
CREATE INDEX nonconformities_asks_client ON closeout.nonconformities (tenant, org, act_at, id)
WHERE asks_client AND status IN ('open', 'plan_submitted', 'evidence_submitted', 'verified');
CREATE INDEX nonconformities_audit ON closeout.nonconformities (tenant, audit_ref, id) WHERE audit_ref IS NOT NULL;
CREATE INDEX nonconformities_source ON closeout.nonconformities (tenant, source, external_id);
CREATE UNIQUE INDEX nonconformities_number ON closeout.nonconformities (tenant, number) WHERE number IS NOT NULL;
CREATE INDEX nonconformities_terms ON closeout.nonconformities USING gin (terms);
-- Without those that name none, as most findings do: they, too, would be an entry each. Who looks here has to say so.
CREATE INDEX nonconformities_sites ON closeout.nonconformities USING gin (sites) WHERE sites <> '{}';
CREATE INDEX nonconformities_assignees ON closeout.nonconformities USING gin (assignees) WHERE assignees <> '{}';
CREATE INDEX nonconformities_words ON closeout.nonconformities USING gin (words);

CREATE TABLE closeout.committee_reviews (
    tenant text NOT NULL CHECK (tenant <> ''),
    id text NOT NULL,
    org text CHECK (org NOT IN ('', '*')),
    case_id text NOT NULL,
    cause text NOT NULL,
    status text NOT NULL,
    due_at timestamptz,
    members text [] NOT NULL DEFAULT '{}',
    recused text [] NOT NULL DEFAULT '{}',
    seen_by text [] NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL,
    seq int NOT NULL,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX committee_reviews_case ON closeout.committee_reviews (tenant, case_id);
CREATE INDEX committee_reviews_status ON closeout.committee_reviews (tenant, status, id);
CREATE INDEX committee_reviews_updated ON closeout.committee_reviews (tenant, updated_at, id);
CREATE INDEX committee_reviews_members ON closeout.committee_reviews USING gin (members);

CREATE TABLE closeout.clients (
    tenant text NOT NULL CHECK (tenant <> ''),
    key text NOT NULL,
    org text CHECK (org NOT IN ('', '*')),
    name text NOT NULL,
    zone text NOT NULL,
    country text,
    subdivision text,
    sites text [] NOT NULL DEFAULT '{}',
    four_eyes boolean NOT NULL,
    internal_confirmation boolean NOT NULL,
    -- The client that took its place, whose its names are now.
    merged_into text,
    view jsonb NOT NULL,
    aliases text [] NOT NULL DEFAULT '{}',
    seen_by text [] NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL,
    seq int NOT NULL,
    PRIMARY KEY (tenant, key)
);
CREATE INDEX clients_updated ON closeout.clients (tenant, updated_at, key);
CREATE INDEX clients_aliases ON closeout.clients USING gin (aliases);
CREATE INDEX clients_merged ON closeout.clients (tenant, key) WHERE merged_into IS NOT NULL;

-- Audits, certificates and whatever else needs no columns of its own: `view` is what lists show of it, and holds what
-- deciders of other streams know of it.
CREATE TABLE closeout.entries (
    tenant text NOT NULL CHECK (tenant <> ''),
    kind text NOT NULL,
    id text NOT NULL,
    org text CHECK (org NOT IN ('', '*')),
    client text NOT NULL,
    status text NOT NULL,
    due_at timestamptz,
    view jsonb NOT NULL,
    shown boolean NOT NULL DEFAULT false,
    seen_by text [] NOT NULL DEFAULT '{}',
    updated_at timestamptz NOT NULL,
    seq int NOT NULL,
    PRIMARY KEY (tenant, kind, id)
);
CREATE INDEX entries_client ON closeout.entries (tenant, kind, client, id);
CREATE INDEX entries_status ON closeout.entries (tenant, kind, status, id);
CREATE INDEX entries_due ON closeout.entries (tenant, kind, due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX entries_updated ON closeout.entries (tenant, kind, updated_at, id);
CREATE INDEX entries_team ON closeout.entries USING gin (seen_by) WHERE kind = 'audit';

GRANT SELECT, INSERT, UPDATE
ON closeout.nonconformities, closeout.committee_reviews, closeout.clients, closeout.entries TO closeout_app;

ALTER TABLE closeout.nonconformities ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.nonconformities FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.committee_reviews ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.committee_reviews FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.clients ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.clients FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.entries ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.entries FORCE ROW LEVEL SECURITY;

CREATE POLICY body ON closeout.nonconformities
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.committee_reviews
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.clients
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.entries
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));

CREATE POLICY client ON closeout.nonconformities FOR SELECT
USING (closeout.serves_client(tenant, org) AND shown);
CREATE POLICY client ON closeout.committee_reviews FOR SELECT USING (closeout.serves_client(tenant, org));
CREATE POLICY client ON closeout.clients FOR SELECT USING (closeout.serves_client(tenant, org));
CREATE POLICY client ON closeout.entries FOR SELECT USING (closeout.serves_client(tenant, org) AND shown);
