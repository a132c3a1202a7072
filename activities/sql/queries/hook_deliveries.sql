-- Deliveries of a hook, the newest first, beyond an id.
SELECT id, named, received_at, created, duplicate, updated, recurred, skipped, rejected, refusal, receipts
FROM closeout.hook_deliveries
WHERE tenant = $1 AND hook = $2 AND ($3::text IS NULL OR id < $3)
ORDER BY id DESC LIMIT $4
