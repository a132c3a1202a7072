-- Ends a subscription, and with it the record of what it was sent.
DELETE FROM closeout.subscriptions AS s WHERE s.tenant = $1 AND s.id = $2 RETURNING s.id
