-- These policies of a tenant, by digest.
SELECT p.sha256, p.body FROM closeout.policies AS p WHERE p.tenant = $1 AND p.sha256 = ANY($2::bytea [])
