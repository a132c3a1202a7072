-- Puts committee reviews into the list, from {rows: [...]}.
INSERT INTO closeout.committee_reviews (
    tenant, id, org, case_id, cause, status, due_at, members, recused, updated_at, seq
)
SELECT r.tenant, r.id, r.org, r.case_id, r.cause, r.status, r.due_at, r.members, r.recused, r.updated_at, r.seq
FROM jsonb_populate_recordset(NULL::closeout.committee_reviews, $1::jsonb -> 'rows') AS r
ON CONFLICT (tenant, id) DO UPDATE SET
    org = excluded.org, case_id = excluded.case_id, cause = excluded.cause, status = excluded.status,
    due_at = excluded.due_at, members = excluded.members, recused = excluded.recused,
    updated_at = excluded.updated_at, seq = excluded.seq
