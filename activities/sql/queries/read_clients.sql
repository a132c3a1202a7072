-- Enters and reads a page of clients, as JSON; one row.
SELECT * FROM closeout.page_of_clients($1, $2, $3, $4, $5)
