-- Ends delivery until somebody resumes it; answers nothing where it had ended already, or another worker has it.
UPDATE closeout.subscriptions SET state = $4, why = $5, next_at = NULL
WHERE tenant = $1 AND id = $2 AND turn = $3 AND state = 'active'
RETURNING id
