-- Begins an attempt at mails of one person; how many of them there are still to send, none for who was relieved.
WITH begun AS (
    UPDATE closeout.mails AS w SET attempts = w.attempts + 1, last_at = $5
    WHERE w.tenant = $1 AND w.person = $3 AND w.event_id = ANY($4::uuid []) AND w.state = 'pending'
        AND EXISTS (SELECT FROM closeout.mailings AS m WHERE m.tenant = $1 AND m.turn = $2)
    RETURNING w.event_id
)
SELECT count(*) FROM begun
