-- The cases in somebody's calendar: those that $2 is assigned to or audits. They live, or ended since $4.
-- Each kind along its own index; nobody is assigned to a million.
SELECT n.id FROM closeout.nonconformities AS n
WHERE n.tenant = $1 AND n.issued_at IS NOT NULL AND (n.ended_at IS NULL OR n.ended_at > $4)
    AND n.id IN (
        SELECT a.id FROM closeout.nonconformities AS a WHERE a.tenant = $1 AND a.audit_ref = ANY($3::text [])
        UNION ALL
        SELECT unnest(closeout.ids_holding(NULL, NULL, NULL, $2::text, 1000000))
    )
ORDER BY n.act_at, n.id LIMIT $5
