-- Forgets a draft.
DELETE FROM closeout.drafts WHERE tenant = $1 AND person = $2 AND stream = $3 AND command = $4 AND about = $5
