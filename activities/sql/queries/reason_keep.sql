-- Keeps a body's own reasons for a section, in place of those that were.
INSERT INTO closeout.reasons (tenant, section, texts, replaces, changed_by) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (tenant, section) DO UPDATE SET
    texts = excluded.texts, replaces = excluded.replaces, changed_by = excluded.changed_by, changed_at = clock_timestamp()
