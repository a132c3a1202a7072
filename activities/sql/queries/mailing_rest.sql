-- Notes until when nobody has to look after a mailing.
UPDATE closeout.mailings AS m SET next_at = $3 WHERE m.tenant = $1 AND m.turn = $2
