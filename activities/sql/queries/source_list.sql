-- The sources of a tenant by name, beyond one: their ways in, when they were heard last, how many findings of each are known,
-- counted up to `$7`, and what became of its last `$6` imports and deliveries. A key is good that is neither revoked nor over at `$4`; it ends soon that is over by `$5`.
WITH RECURSIVE imported AS (
    (
        SELECT source FROM closeout.imports
        WHERE tenant = $1 AND ($2::text IS NULL OR source > $2) ORDER BY source LIMIT 1
    )
    UNION ALL
    SELECT (
        SELECT i.source FROM closeout.imports AS i
        WHERE i.tenant = $1 AND i.source > p.source ORDER BY i.source LIMIT 1
    )
    FROM imported AS p WHERE p.source IS NOT NULL
), named AS (
    SELECT s.source, bool_or(s.imports) AS imports
    FROM (
        (SELECT source, true AS imports FROM imported WHERE source IS NOT NULL LIMIT $3)
        UNION ALL
        SELECT source, false FROM closeout.api_keys WHERE tenant = $1 AND ($2::text IS NULL OR source > $2)
        UNION ALL
        SELECT source, false FROM closeout.hooks WHERE tenant = $1 AND ($2::text IS NULL OR source > $2)
    ) AS s
    GROUP BY s.source ORDER BY s.source LIMIT $3
)
SELECT
    n.source AS name, n.imports, k.keys, k.ending, k.ends_at, h.hooks, c.came, c.created, c.duplicate, c.updated, c.recurred,
    c.skipped, c.rejected, c.refused, h.forged, closeout.known_of_source($1, n.source, $7) AS findings,
    greatest(k.used_at, h.used_at, c.received_at) AS heard_at
FROM named AS n
CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE g.is_good) AS keys,
        count(*) FILTER (WHERE g.is_good AND g.expires_at <= $5::timestamptz) AS ending,
        min(g.expires_at) FILTER (WHERE g.is_good) AS ends_at,
        max(g.last_used_at) AS used_at
    FROM (
        SELECT
            a.expires_at, a.last_used_at,
            a.revoked_at IS NULL AND (a.expires_at IS NULL OR a.expires_at > $4::timestamptz) AS is_good
        FROM closeout.api_keys AS a WHERE a.tenant = $1 AND a.source = n.source
    ) AS g
) AS k
CROSS JOIN LATERAL (
    SELECT
        count(*) FILTER (WHERE a.ended_at IS NULL) AS hooks,
        max(a.last_used_at) AS used_at,
        (
            array_agg(json_build_object('at', a.forged_at, 'why', a.forged, 'kind', 'hook', 'id', a.id) ORDER BY a.forged_at DESC)
            FILTER (WHERE a.forged_at IS NOT NULL AND a.ended_at IS NULL)
        )[1] AS forged
    FROM closeout.hooks AS a WHERE a.tenant = $1 AND a.source = n.source
) AS h
CROSS JOIN LATERAL (
    SELECT
        count(*) AS came,
        max(l.received_at) AS received_at,
        coalesce(sum(l.created), 0) AS created,
        coalesce(sum(l.duplicate), 0) AS duplicate,
        coalesce(sum(l.updated), 0) AS updated,
        coalesce(sum(l.recurred), 0) AS recurred,
        coalesce(sum(l.skipped), 0) AS skipped,
        coalesce(sum(l.rejected), 0) AS rejected,
        (
            array_agg(
                json_build_object('at', l.received_at, 'why', l.refusal, 'kind', l.kind, 'id', l.thing) ORDER BY l.id DESC
            ) FILTER (WHERE l.refusal IS NOT NULL OR l.rejected > 0)
        )[1] AS refused
    FROM (
        (
            SELECT
                i.id, 'import' AS kind, i.id AS thing, i.received_at, i.created, i.duplicate, i.updated, i.recurred, i.skipped,
                i.rejected, i.problem ->> 'detail' AS refusal
            FROM closeout.imports AS i WHERE i.tenant = $1 AND i.source = n.source ORDER BY i.id DESC LIMIT $6
        )
        UNION ALL
        (
            SELECT
                d.id, 'hook' AS kind, a.id AS thing, d.received_at, d.created, d.duplicate, d.updated, d.recurred, d.skipped,
                d.rejected, d.refusal
            FROM closeout.hooks AS a
            CROSS JOIN LATERAL (
                SELECT * FROM closeout.hook_deliveries AS d WHERE d.tenant = $1 AND d.hook = a.id ORDER BY d.id DESC LIMIT $6
            ) AS d
            WHERE a.tenant = $1 AND a.source = n.source
        )
        ORDER BY id DESC LIMIT $6
    ) AS l
) AS c
ORDER BY n.source
