-- Enters and reads what a command needs from outside its stream; one row.
SELECT * FROM closeout.facts($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::jsonb, $13)
