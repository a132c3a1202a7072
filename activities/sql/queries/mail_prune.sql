-- Forgets mails that ended and were entered before an instant.
DELETE FROM closeout.mails AS w WHERE w.tenant = $1 AND w.state <> 'pending' AND w.entered_at < $2
