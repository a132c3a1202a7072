-- Notes a delivery, and forgets those of its hook before the last `$14`.
WITH oldest AS (
    SELECT id FROM closeout.hook_deliveries WHERE tenant = $1 AND hook = $2 ORDER BY id DESC OFFSET $14::int - 1 LIMIT 1
), forgotten AS (
    DELETE FROM closeout.hook_deliveries AS d USING oldest AS o WHERE d.tenant = $1 AND d.hook = $2 AND d.id <= o.id
)
INSERT INTO closeout.hook_deliveries (
    tenant, hook, id, named, received_at, created, duplicate, updated, recurred, skipped, rejected, refusal, receipts
) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
