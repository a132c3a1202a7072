-- Number and status of cases, and whether each is a recurrence.
-- One look-up by index each: on tables without statistics the planner, left to join, reads every reference for every case.
SELECT w.id, n.number, n.status, f.occurrence IS NOT NULL AS recurred
FROM unnest($2::text []) AS w (id)
CROSS JOIN LATERAL (
    SELECT c.number, c.status FROM closeout.nonconformities AS c WHERE c.tenant = $1 AND c.id = w.id LIMIT 1
) AS n
LEFT JOIN LATERAL (
    SELECT r.occurrence FROM closeout.source_refs AS r
    WHERE r.tenant = $1 AND r.stream = 'nonconformity/' || w.id AND r.occurrence > 1 LIMIT 1
) AS f ON true
