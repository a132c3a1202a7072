-- How many subscriptions a client keeps, or with null the certification body.
SELECT count(*) FROM closeout.subscriptions AS s WHERE s.tenant = $1 AND s.org IS NOT DISTINCT FROM $2
