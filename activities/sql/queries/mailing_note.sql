-- Notes that the mail server took a mail at $2, or that it takes none since $3 because of $4, and is asked again at $5. What was
-- put off before is tried anew as soon as it takes mail again.
WITH noted AS (
    UPDATE closeout.mailings AS m SET
        last_success_at = coalesce($2, m.last_success_at),
        failing_since = CASE WHEN $2::timestamptz IS NULL THEN coalesce(m.failing_since, $3::timestamptz) END,
        failure = CASE WHEN $2::timestamptz IS NULL THEN $4::text ELSE '' END,
        probe_at = $5
    WHERE m.tenant = $1
)
UPDATE closeout.mails AS w SET next_at = NULL
WHERE w.tenant = $1 AND w.state = 'pending' AND w.tries > 0 AND $2::timestamptz IS NOT NULL AND $3::timestamptz IS NOT NULL
