-- Appends what was decided on one stream, if what was seen is still so; answers the writing transaction.
SELECT closeout.append_seen($1, $2, $3, $4, $5, $6, $7, $8::jsonb, $9::bytea [])
