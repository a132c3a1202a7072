-- When somebody was noted as having left, and that was taken back; the latest first.
SELECT d.left_at, d.left_by, d.reason, d.returned_at, d.returned_by
FROM closeout.departures AS d WHERE d.tenant = $1 AND d.person = $2
ORDER BY d.id DESC LIMIT $3
