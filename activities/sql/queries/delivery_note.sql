-- Notes what became of an attempt, unless another worker noted one meanwhile.
WITH noted AS (
    UPDATE closeout.deliveries AS d SET
        state = $5, attempts = d.attempts + 1, tries = $6, next_at = $7, last_at = $8, request = $9, answer = $10
    WHERE d.tenant = $1 AND d.subscription = $2 AND d.event_id = $3 AND d.attempts = $4
    RETURNING d.subscription
)
UPDATE closeout.subscriptions AS s SET
    last_success_at = CASE WHEN $5 = 'delivered' THEN $8 ELSE s.last_success_at END,
    last_failure_at = CASE WHEN $5 = 'delivered' THEN s.last_failure_at ELSE $8 END,
    last_failure = CASE WHEN $5 = 'delivered' THEN s.last_failure ELSE $11 END
FROM noted AS o
WHERE s.tenant = $1 AND s.id = o.subscription
