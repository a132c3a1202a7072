-- What was applied, in order.
SELECT name, sha256, applied_at FROM closeout.migrations ORDER BY name
