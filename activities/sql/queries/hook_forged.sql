-- Notes that something came whose signature does not fit, unless another process noted one just now.
UPDATE closeout.hooks SET forged_at = $3, forged = $5
WHERE tenant = $1 AND id = $2 AND (forged_at IS NULL OR forged_at <= $4)
