-- Enters and reads a page of entries of a kind, as JSON; one row.
SELECT * FROM closeout.page_of_entries($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
