-- Number and status of cases.
SELECT id, number, status FROM closeout.nonconformities WHERE tenant = $1 AND id = ANY($2::text [])
