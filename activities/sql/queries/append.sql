-- Appends events, moves their streams' rows and takes numbers, all from one document:
-- {events: [...], streams: [...], numbers: [...], rows: [...]}; `rows` is what project_{kind}.sql reads.
WITH appended AS (
    INSERT INTO closeout.events (
        tenant, stream, seq, event_id, type, v, command_id, command_index, request_sha256, actor, at, recorded_at,
        data_digest, prev, hash, salt, payload, org
    )
    SELECT
        e.tenant, e.stream, e.seq, e.event_id, e.type, e.v, e.command_id, e.command_index,
        decode(e.request_sha256, 'hex'), e.actor, e.at, e.recorded_at, decode(e.data_digest, 'hex'),
        decode(e.prev, 'hex'), decode(e.hash, 'hex'), decode(e.salt, 'hex'), convert_to(e.payload, 'UTF8'), e.org
    FROM jsonb_to_recordset($1::jsonb -> 'events') AS e (
        tenant text, stream text, seq int, event_id uuid, type text, v int, command_id text, command_index smallint,
        request_sha256 text, actor text, at timestamptz, recorded_at timestamptz, data_digest text, prev text,
        hash text, salt text, payload text, org text
    )
    ORDER BY e.stream, e.seq
), moved AS (
    INSERT INTO closeout.streams (
        tenant, stream, kind, org, seq, head, status, state, state_version, next_wakeup, owed, lives, shown
    )
    SELECT
        s.tenant, s.stream, s.kind, s.org, s.seq, decode(s.head, 'hex'), s.status, s.state, s.state_version,
        s.next_wakeup, s.owed, s.lives, s.shown
    FROM jsonb_to_recordset($1::jsonb -> 'streams') AS s (
        tenant text, stream text, kind text, org text, seq int, head text, status text, state jsonb,
        state_version int, next_wakeup timestamptz, owed int [], lives boolean, shown boolean
    )
    ON CONFLICT (tenant, stream) DO UPDATE SET
        org = excluded.org, seq = excluded.seq, head = excluded.head, status = excluded.status,
        state = excluded.state, state_version = excluded.state_version, next_wakeup = excluded.next_wakeup,
        owed = excluded.owed, lives = excluded.lives, shown = excluded.shown
), taken AS (
    INSERT INTO closeout.numbers (tenant, series, number, stream)
    SELECT t.tenant, t.series, t.number, t.stream
    FROM jsonb_to_recordset($1::jsonb -> 'numbers') AS t (tenant text, series text, number int, stream text)
)
UPDATE closeout.counters AS c SET last = t.last
FROM (
    SELECT t.tenant, t.series, max(t.number) AS last
    FROM jsonb_to_recordset($1::jsonb -> 'numbers') AS t (tenant text, series text, number int)
    GROUP BY t.tenant, t.series
) AS t
WHERE c.tenant = t.tenant AND c.series = t.series
