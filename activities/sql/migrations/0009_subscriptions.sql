-- Who else is told what the record says, and what became of each event that was to be sent.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- `org` is the client whose people keep the subscription, null for the certification body's; `client` the one whose
-- events alone it is told, as that client's people see them. What is up to the position `(epoch, xid, n)` was taken into
-- `deliveries`. `turn` counts the workers that began to deliver: what an older one would change is not changed.
-- `secrets` is a list of `{secret, until}`, the present one, which has no end, first. `asked_key` to `rotated_sha256` are as those
-- of API keys, the keys of each client apart.
CREATE TABLE closeout.subscriptions (
    tenant text NOT NULL CHECK (tenant <> ''),
    id text NOT NULL CHECK (id <> ''),
    org text CHECK (org NOT IN ('', '*')),
    client text CHECK (client NOT IN ('', '*')),
    url text NOT NULL,
    types text [] NOT NULL DEFAULT '{}',
    kinds text [] NOT NULL DEFAULT '{}',
    secrets jsonb NOT NULL,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'parked')),
    why text NOT NULL DEFAULT '',
    epoch int NOT NULL,
    xid xid8 NOT NULL,
    n bigint NOT NULL,
    turn bigint NOT NULL DEFAULT 0,
    created_by text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    looked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    next_at timestamptz,
    last_success_at timestamptz,
    last_failure_at timestamptz,
    last_failure text NOT NULL DEFAULT '',
    asked_key text,
    asked_sha256 text,
    rotated_key text,
    rotated_sha256 text,
    PRIMARY KEY (tenant, id),
    CHECK (org IS NULL OR org = client)
);
CREATE UNIQUE INDEX subscriptions_asked ON closeout.subscriptions (tenant, coalesce(org, ''), asked_key);
CREATE INDEX subscriptions_active ON closeout.subscriptions (tenant, id) WHERE state = 'active';

-- `tries` are the failed ones since the event was taken, or its subscription resumed; `attempts` are all there were.
-- A pending event with `tries` holds back what is pending of its stream behind it. `asked` counts how often the event was
-- wanted anew: an attempt that was under way at that moment does not count for it.
CREATE TABLE closeout.deliveries (
    tenant text NOT NULL CHECK (tenant <> ''),
    subscription text NOT NULL,
    event_id uuid NOT NULL,
    org text CHECK (org NOT IN ('', '*')),
    position text COLLATE "C" NOT NULL,
    stream text NOT NULL,
    seq int NOT NULL,
    type text NOT NULL,
    recorded_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'delivered', 'failed', 'skipped')),
    asked int NOT NULL DEFAULT 0,
    attempts int NOT NULL DEFAULT 0,
    tries int NOT NULL DEFAULT 0,
    next_at timestamptz,
    last_at timestamptz,
    request jsonb,
    answer jsonb,
    PRIMARY KEY (tenant, subscription, event_id),
    FOREIGN KEY (tenant, subscription) REFERENCES closeout.subscriptions (tenant, id) ON DELETE CASCADE
);
CREATE INDEX deliveries_pending ON closeout.deliveries (tenant, subscription, stream, position) WHERE state = 'pending';
CREATE INDEX deliveries_position ON closeout.deliveries (tenant, subscription, position, event_id);

GRANT SELECT, INSERT, UPDATE, DELETE ON closeout.subscriptions, closeout.deliveries TO closeout_app;

ALTER TABLE closeout.subscriptions ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.subscriptions FORCE ROW LEVEL SECURITY;
ALTER TABLE closeout.deliveries ENABLE ROW LEVEL SECURITY;
ALTER TABLE closeout.deliveries FORCE ROW LEVEL SECURITY;

CREATE POLICY body ON closeout.subscriptions
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));
CREATE POLICY body ON closeout.deliveries
USING (tenant = current_setting('closeout.tenant', true) AND (SELECT closeout.for_body()));

-- Client people keep subscriptions of their own, and see no other.
CREATE POLICY client ON closeout.subscriptions USING (closeout.serves_client(tenant, org));
CREATE POLICY client ON closeout.deliveries USING (closeout.serves_client(tenant, org));

CREATE POLICY sweep ON closeout.subscriptions FOR SELECT TO CURRENT_USER
USING (current_setting('closeout.sweeping', true) = 'on');

-- What a sweep must nudge: active subscriptions that nobody looked after for a minute, nor is to before `present`; as
-- streams, by name, as `owing_streams` has them.
CREATE FUNCTION closeout.due_subscriptions(present timestamptz, most int, last_tenant text, last_stream text)
RETURNS TABLE (tenant text, stream text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
    PERFORM pg_catalog.set_config('closeout.sweeping', 'on', true);
    RETURN QUERY
    SELECT s.tenant, 'subscription/' || s.id FROM closeout.subscriptions AS s
    WHERE s.state = 'active' AND greatest(s.looked_at, s.next_at) <= present - interval '1 minute'
        AND (s.tenant, 'subscription/' || s.id) > (last_tenant, last_stream)
    ORDER BY s.tenant, s.id LIMIT most;
    PERFORM pg_catalog.set_config('closeout.sweeping', '', true);
END
$$;
REVOKE ALL ON FUNCTION closeout.due_subscriptions(timestamptz, int, text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION closeout.due_subscriptions(timestamptz, int, text, text) TO closeout_app;

-- Whether there is anything to do for a subscription, in one round trip, because that is asked every second. Enters.
-- `state` is null where it is gone or somebody else looks after it now; `fresh` says whether the feed goes on beyond its
-- position, `waiting` whether an event is pending that waits for no instant. Whatever is below `horizon`, of the epoch `present` or an earlier one, has been committed or never will be.
CREATE FUNCTION closeout.subscription_look(the_tenant text, the_id text, the_turn bigint)
RETURNS TABLE (state text, epoch int, xid xid8, n bigint, fresh boolean, waiting boolean, present int, horizon xid8)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM closeout.enter(the_tenant, NULL);
    RETURN QUERY
    SELECT
        s.state,
        s.epoch,
        s.xid,
        s.n,
        EXISTS (
            SELECT FROM closeout.events AS e
            WHERE e.tenant = the_tenant AND (e.epoch, e.xid, e.n) > (s.epoch, s.xid, s.n)
                AND (e.epoch < closeout.current_epoch() OR e.xid < pg_snapshot_xmin(pg_current_snapshot()))
        ),
        EXISTS (
            SELECT FROM closeout.deliveries AS d
            WHERE d.tenant = the_tenant AND d.subscription = s.id AND d.state = 'pending' AND d.next_at IS NULL
        ),
        closeout.current_epoch(),
        pg_snapshot_xmin(pg_current_snapshot())
    FROM (VALUES (true)) AS always (one)
    LEFT JOIN closeout.subscriptions AS s ON s.tenant = the_tenant AND s.id = the_id AND s.turn = the_turn;
END
$$;
