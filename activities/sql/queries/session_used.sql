-- Notes the use of a session, unless another process noted one just now.
UPDATE closeout.sessions SET used_at = $3 WHERE tenant = $1 AND id = $2 AND used_at <= $4
