-- The tenants whose mailing nobody looks after.
SELECT d.tenant FROM closeout.due_mailings($1) AS d
