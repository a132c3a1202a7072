-- Takes one of the requests that a key may make: they come back evenly, to a minute's worth at most. Answers what is left,
-- less than nothing where there was none to take.
UPDATE closeout.api_keys SET
    remaining = CASE WHEN k.has >= 1 THEN k.has - 1 ELSE k.has END,
    spent_at = greatest(spent_at, $3)
FROM (
    SELECT least(
        a.rate, CASE WHEN isfinite(a.spent_at) THEN
            a.remaining + greatest(0, extract(EPOCH FROM $3 - a.spent_at)) * a.rate / 60 ELSE a.rate END
    ) AS has
    FROM closeout.api_keys AS a WHERE a.tenant = $1 AND a.id = $2 FOR UPDATE
) AS k
WHERE tenant = $1 AND id = $2
RETURNING k.has - 1 AS remaining
