-- Puts nonconformities into the list, from {rows: [...]}.
INSERT INTO closeout.nonconformities (
    tenant, id, org, number, status, grade, client, title, requirements, source, external_id, audit_ref, stage,
    department, sites, assignees, waiting_on, due_at, due_kind, escalated, reported_at, issued_at, updated_at, seq,
    shown, body
)
SELECT
    r.tenant, r.id, r.org, r.number, r.status, r.grade, r.client, r.title, r.requirements, r.source, r.external_id,
    r.audit_ref, r.stage, r.department, r.sites, r.assignees, r.waiting_on, r.due_at, r.due_kind, r.escalated,
    r.reported_at, r.issued_at, r.updated_at, r.seq, r.shown, r.body
FROM jsonb_populate_recordset(NULL::closeout.nonconformities, $1::jsonb -> 'rows') AS r
ON CONFLICT (tenant, id) DO UPDATE SET
    org = excluded.org, number = excluded.number, status = excluded.status, grade = excluded.grade,
    client = excluded.client, title = excluded.title, requirements = excluded.requirements,
    source = excluded.source, external_id = excluded.external_id, audit_ref = excluded.audit_ref,
    stage = excluded.stage, department = excluded.department, sites = excluded.sites,
    assignees = excluded.assignees, waiting_on = excluded.waiting_on, due_at = excluded.due_at,
    due_kind = excluded.due_kind, escalated = excluded.escalated, reported_at = excluded.reported_at,
    issued_at = excluded.issued_at, updated_at = excluded.updated_at, seq = excluded.seq, shown = excluded.shown,
    body = excluded.body
