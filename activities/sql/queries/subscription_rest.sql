-- Notes until when nobody has to look after a subscription.
UPDATE closeout.subscriptions SET looked_at = clock_timestamp(), next_at = $4
WHERE tenant = $1 AND id = $2 AND turn = $3
