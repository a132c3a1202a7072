-- Enters and asks whether there is anything to do for a subscription; one row.
SELECT * FROM closeout.subscription_look($1, $2, $3)
