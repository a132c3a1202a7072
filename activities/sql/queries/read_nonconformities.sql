-- A page of nonconformities, the newest report first, as JSON. Null filters are none. $19 and $20 bind an API key to its
-- source and client. $21 is the client of client people: row-level security holds them to it, this finds its index.
WITH page AS (
    SELECT n.* FROM closeout.nonconformities AS n
    WHERE n.tenant = $1
        AND ($2::text IS NULL OR n.id < $2)
        AND ($4::text [] IS NULL OR n.status = ANY($4))
        AND ($5::text [] IS NULL OR n.grade = ANY($5))
        AND ($6::text [] IS NULL OR n.client = ANY($6))
        AND ($7::text [] IS NULL OR n.waiting_on = ANY($7))
        AND (
            $8::text IS NULL OR n.requirements @> ARRAY[$8]
            OR EXISTS (SELECT FROM unnest(n.requirements) AS r (name) WHERE right(r.name, length($8) + 1) = ' ' || $8)
        )
        AND (
            $9::text IS NULL OR n.source = $9
            OR EXISTS (
                SELECT FROM closeout.source_refs AS f
                WHERE f.tenant = n.tenant AND f.stream = n.stream AND f.source = $9
            )
        )
        AND ($10::text IS NULL OR n.external_id = $10)
        AND ($11::text IS NULL OR n.audit_ref = $11)
        AND ($12::text IS NULL OR n.sites @> ARRAY[$12])
        AND ($13::text IS NULL OR n.assignees @> ARRAY[$13])
        AND ($14::boolean IS NULL OR coalesce(n.due_at < $18, false) = $14)
        AND ($15::timestamptz IS NULL OR n.due_at < $15)
        AND (
            $16::timestamptz IS NULL
            OR n.id IN (
                SELECT substr(m.stream, length('nonconformity/') + 1) FROM closeout.streams AS m
                WHERE m.tenant = $1 AND m.kind = 'nonconformity' AND m.last_at >= $16
            )
        )
        AND ($17::text IS NULL OR n.words @@ websearch_to_tsquery('simple', $17))
        AND (
            $19::text IS NULL OR n.client = $20
            OR EXISTS (
                SELECT FROM closeout.source_refs AS f
                WHERE f.tenant = n.tenant AND f.stream = n.stream AND f.source = $19
            )
        )
        AND ($21::text IS NULL OR n.org = $21)
    ORDER BY n.id DESC LIMIT $3::int + 1
), shown AS (
    SELECT * FROM page ORDER BY id DESC LIMIT $3
)
SELECT
    (SELECT min(id) FROM shown) AS last,
    (SELECT count(*) FROM page) > $3 AS more,
    (
        SELECT coalesce(json_agg(json_build_object(
            'id', n.id,
            'number', n.number,
            'status', n.status,
            'grade', n.grade,
            'client', n.client,
            'title', n.title,
            'requirements', t.finding -> 'requirements',
            'source', json_build_object('system', n.source, 'external_id', n.external_id),
            'audit', n.audit_ref,
            'stage', n.stage,
            'department', n.department,
            'sites', n.sites,
            'assigned', t.assigned,
            'waiting_on', n.waiting_on,
            'due_at', to_char(n.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'due_kind', n.due_kind,
            'overdue', coalesce(n.due_at < $18, false),
            'deadlines', (
                SELECT coalesce(json_agg(json_build_object(
                    'kind', d.kind,
                    'due_at', d.due_at,
                    'state', CASE
                        WHEN d.state = 'running' AND d.due_at::timestamptz < $18 THEN 'overdue'
                        ELSE d.state
                    END
                ) ORDER BY d.place), '[]')
                FROM ROWS FROM (
                    jsonb_to_recordset(t.deadlines) AS (kind text, due_at text, state text)
                ) WITH ORDINALITY AS d (kind, due_at, state, place)
            ),
            'escalated', n.escalated,
            'reported_at', to_char(n.reported_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'issued_at', to_char(n.issued_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'updated_at', to_char(s.last_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
            'seq', s.seq
        ) ORDER BY n.id DESC), '[]')::text
        FROM shown AS n
        LEFT JOIN closeout.streams AS s ON s.tenant = n.tenant AND s.stream = n.stream
        -- The state once: each operator on it would decompress it anew.
        LEFT JOIN LATERAL jsonb_to_record(s.state) AS t (finding jsonb, assigned jsonb, deadlines jsonb) ON true
    ) AS items
