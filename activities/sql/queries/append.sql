-- Appends what a document says; the tenant is entered.
SELECT closeout.append($1::jsonb)
