-- Takes events out of what a stream owes.
SELECT * FROM closeout.settle($1, $2, $3)
