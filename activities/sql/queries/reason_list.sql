-- A body's own reasons.
SELECT section, texts, replaces, changed_by, changed_at FROM closeout.reasons WHERE tenant = $1
