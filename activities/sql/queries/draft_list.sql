-- Which forms about a stream somebody has drafts of that were kept since an instant, the latest first.
SELECT d.command, d.about, d.kept_at FROM closeout.drafts AS d
WHERE d.tenant = $1 AND d.person = $2 AND d.stream = $3 AND d.kept_at > $4
ORDER BY d.kept_at DESC, d.command, d.about
