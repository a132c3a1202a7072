-- Takes back that somebody left. No row for who is unknown, or here.
WITH back AS (
    UPDATE closeout.people AS p SET left_at = NULL WHERE p.tenant = $1 AND p.id = $2 AND p.left_at IS NOT NULL
    RETURNING p.tenant, p.id
)
UPDATE closeout.departures AS d SET returned_at = clock_timestamp(), returned_by = $3
FROM back AS b WHERE d.tenant = b.tenant AND d.person = b.id AND d.returned_at IS NULL
RETURNING d.person
