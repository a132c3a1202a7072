-- Who was noted as having left the certification body or a client, by whom and why, and who took that back; kept for good. Whoever
-- is away now has `left_at` in `people`, too, where everything that is read of people finds it.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE closeout.departures (
    tenant text NOT NULL CHECK (tenant <> ''),
    id text NOT NULL,
    person text NOT NULL CHECK (person <> ''),
    left_at timestamptz NOT NULL,
    left_by text NOT NULL,
    reason text NOT NULL CHECK (reason <> ''),
    returned_at timestamptz,
    returned_by text,
    PRIMARY KEY (tenant, id),
    CHECK ((returned_by IS NULL) = (returned_at IS NULL))
);
CREATE UNIQUE INDEX departures_away ON closeout.departures (tenant, person) WHERE returned_at IS NULL;
CREATE INDEX departures_person ON closeout.departures (tenant, person, id);

GRANT SELECT, INSERT, UPDATE (returned_at, returned_by) ON closeout.departures TO closeout_app;

ALTER TABLE closeout.departures ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.departures FORCE ROW LEVEL SECURITY;

CREATE POLICY body ON closeout.departures
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
