-- Gives up events that the subscription's client no longer sees.
UPDATE closeout.deliveries SET state = 'skipped', next_at = NULL
WHERE tenant = $1 AND subscription = $2 AND state = 'pending' AND event_id = ANY($3::uuid [])
