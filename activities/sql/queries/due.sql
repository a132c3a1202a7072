-- Living streams of every tenant whose wake-up is past, the earliest first, beyond the last one of the page before.
SELECT at, tenant, stream FROM closeout.due_streams($1, $2, $3, $4, $5)
