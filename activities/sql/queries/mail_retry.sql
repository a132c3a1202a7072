-- Has mails that were given up sent after all; how many.
WITH again AS (
    UPDATE closeout.mails AS w SET state = 'pending', tries = 0, next_at = NULL
    WHERE w.tenant = $1 AND w.state = 'parked'
    RETURNING w.event_id
)
SELECT count(*) FROM again
