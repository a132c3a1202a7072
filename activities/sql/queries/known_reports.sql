-- The newest occurrence of each reference that is known, and the request that its stream holds under the report's command.
-- One look-up by index each: the planner, left to join, reads every reference of the tenant.
SELECT w.position, r.occurrence, r.stream, s.status, held.request_sha256
FROM unnest($2::int [], $3::text [], $4::text [], $5::text []) AS w (position, source, external_id, command_id)
CROSS JOIN LATERAL (
    SELECT n.occurrence, n.stream FROM closeout.source_refs AS n
    WHERE n.tenant = $1 AND n.source = w.source AND n.external_id = w.external_id
    ORDER BY n.occurrence DESC LIMIT 1
) AS r
LEFT JOIN LATERAL (
    SELECT n.status FROM closeout.streams AS n WHERE n.tenant = $1 AND n.stream = r.stream LIMIT 1
) AS s ON true
LEFT JOIN LATERAL (
    SELECT n.request_sha256 FROM closeout.events AS n
    WHERE n.tenant = $1 AND n.stream = r.stream AND n.command_id = w.command_id AND n.command_index = 0
    LIMIT 1
) AS held ON true
