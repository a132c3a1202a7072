-- The cases in somebody's calendar: those of the client $2, or that $3 is assigned to or audits. They live, or ended since $5.
SELECT n.id FROM closeout.nonconformities AS n
WHERE n.tenant = $1 AND n.issued_at IS NOT NULL
    AND CASE WHEN $2::text IS NULL THEN n.assignees @> ARRAY[$3::text] OR n.audit_ref = ANY($4::text []) ELSE n.org = $2 END
    AND (n.ended_at IS NULL OR n.ended_at > $5)
ORDER BY n.act_at, n.id LIMIT $6
