-- Notes the use of a hook, unless another process noted one just now.
UPDATE closeout.hooks SET last_used_at = $3
WHERE tenant = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at <= $4)
