-- Notes what became of attempts, but not where another worker noted one meanwhile, or the event was wanted anew, nor a
-- failure of what was given up. $11 is the last success, $12 the last failure, which $13 explains; null where there was none.
WITH noted AS (
    UPDATE closeout.deliveries AS d SET
        state = a.state, attempts = d.attempts + 1, tries = a.tries, next_at = a.next_at, last_at = a.last_at,
        request = a.request, answer = a.answer
    FROM unnest(
        $3::uuid [], $4::int [], $5::text [], $6::int [], $7::timestamptz [], $8::timestamptz [], $9::jsonb [],
        $10::jsonb [], $14::int []
    ) AS a (event_id, attempts, state, tries, next_at, last_at, request, answer, asked)
    WHERE d.tenant = $1 AND d.subscription = $2 AND d.event_id = a.event_id AND d.attempts = a.attempts
        AND d.asked = a.asked
        AND (d.state = 'pending' OR a.state = 'delivered')
)
UPDATE closeout.subscriptions AS s SET
    last_success_at = coalesce($11, s.last_success_at),
    last_failure_at = coalesce($12, s.last_failure_at),
    last_failure = coalesce($13, s.last_failure)
WHERE s.tenant = $1 AND s.id = $2
