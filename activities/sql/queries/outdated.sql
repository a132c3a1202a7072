-- Streams whose state was stored by another version of their decider than these; kinds and versions go in step.
SELECT s.stream FROM closeout.streams AS s
JOIN unnest($2::text [], $3::int []) AS d (kind, version) ON d.kind = s.kind
WHERE s.tenant = $1 AND s.state_version <> d.version
ORDER BY s.stream
