-- Enters and answers which of these nonconformities, of which there are $6, pass the filters.
SELECT closeout.ids_of_nonconformities(
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24
) AS ids
