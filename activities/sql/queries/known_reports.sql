-- The newest occurrence of each reference that is known, and the request that its stream holds under the report's command.
SELECT DISTINCT ON (w.position) w.position, r.occurrence, r.stream, s.status, held.request_sha256
FROM unnest($2::int [], $3::text [], $4::text [], $5::text []) AS w (position, source, external_id, command_id)
JOIN closeout.source_refs AS r ON r.tenant = $1 AND r.source = w.source AND r.external_id = w.external_id
LEFT JOIN closeout.streams AS s ON s.tenant = $1 AND s.stream = r.stream
LEFT JOIN closeout.events AS held
    ON held.tenant = $1 AND held.stream = r.stream AND held.command_id = w.command_id AND held.command_index = 0
ORDER BY w.position, r.occurrence DESC
