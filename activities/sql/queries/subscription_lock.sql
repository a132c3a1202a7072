-- Holds a subscription until the transaction ends; answers its secrets.
SELECT s.secrets FROM closeout.subscriptions AS s WHERE s.tenant = $1 AND s.id = $2 FOR UPDATE
