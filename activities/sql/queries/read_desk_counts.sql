-- Enters and counts the cases in each view of a reader, up to a bound; one row.
SELECT * FROM closeout.desk_counts($1, $2, $3, $4, $5, $6, $7)
