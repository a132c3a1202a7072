-- Appends what a document says, with the payloads of its events; the tenant is entered.
SELECT closeout.append($1::jsonb, $2::bytea [])
