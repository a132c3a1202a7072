-- A draft that was kept since an instant; no row where there is none.
SELECT d.seq, d.typed, d.kept_at FROM closeout.drafts AS d
WHERE d.tenant = $1 AND d.person = $2 AND d.stream = $3 AND d.command = $4 AND d.about = $5 AND d.kept_at > $6
