-- Enters and reads where a stream stands, what it holds under a command, and its client; one row.
SELECT * FROM closeout.look($1, $2, $3, $4, $5)
