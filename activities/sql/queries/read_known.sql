-- Number and status of cases, and whether each is a recurrence.
SELECT n.id, n.number, n.status, coalesce(f.occurrence > 1, false) AS recurred
FROM closeout.nonconformities AS n
LEFT JOIN closeout.source_refs AS f ON f.tenant = n.tenant AND f.stream = 'nonconformity/' || n.id
WHERE n.tenant = $1 AND n.id = ANY($2::text [])
