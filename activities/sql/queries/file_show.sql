-- Notes that a file was shown to somebody beside its case: once a day, however often they look.
INSERT INTO closeout.evidence_events (tenant, file, type, actor, data)
SELECT $1, $2, 'read', $3, '{"preview": true}'::jsonb
WHERE NOT EXISTS (
    SELECT FROM closeout.evidence_events AS e
    WHERE e.tenant = $1 AND e.file = $2 AND e.actor = $3 AND e.type = 'read' AND e.data ? 'preview'
        AND e.at > clock_timestamp() - interval '1 day'
)
