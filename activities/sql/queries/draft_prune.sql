-- Forgets drafts that were kept by an instant, some of them each time.
DELETE FROM closeout.drafts
WHERE (tenant, person, stream, command, about) IN (
    SELECT d.tenant, d.person, d.stream, d.command, d.about FROM closeout.drafts AS d
    WHERE d.tenant = $1 AND d.kept_at <= $2 ORDER BY d.kept_at LIMIT 500
)
