-- For each reference that is known, the occurrence that decides about a report: the one that holds its command, first
-- under the same request, else the newest; with the request that it holds under the report's command, and what its source
-- said of it last.
-- One look-up by index each: the planner, left to join, reads every reference of the tenant.
SELECT w.position, r.occurrence, r.stream, s.status, r.request_sha256, r.said, r.said_at
FROM unnest($2::int [], $3::text [], $4::text [], $5::text [], $6::text [])
    AS w (position, source, external_id, command_id, request)
CROSS JOIN LATERAL (
    SELECT n.occurrence, n.stream, n.said, n.said_at, held.request_sha256 FROM closeout.source_refs AS n
    LEFT JOIN LATERAL (
        SELECT e.request_sha256 FROM closeout.events AS e
        WHERE e.tenant = $1 AND e.stream = n.stream AND e.command_id = w.command_id AND e.command_index = 0
        LIMIT 1
    ) AS held ON true
    WHERE n.tenant = $1 AND n.source = w.source AND n.external_id = w.external_id
    ORDER BY
        held.request_sha256 IS DISTINCT FROM decode(w.request, 'hex'), held.request_sha256 IS NULL, n.occurrence DESC
    LIMIT 1
) AS r
LEFT JOIN LATERAL (
    SELECT n.status FROM closeout.streams AS n WHERE n.tenant = $1 AND n.stream = r.stream LIMIT 1
) AS s ON true
