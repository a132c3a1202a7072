-- The cases of a client that name a content, the newest first.
SELECT c.case_id FROM closeout.evidence_cases AS c
INNER JOIN closeout.nonconformities AS n ON n.tenant = c.tenant AND n.id = c.case_id
WHERE c.tenant = $1 AND c.sha256 = $2 AND n.client = $3
ORDER BY c.case_id DESC LIMIT $4
