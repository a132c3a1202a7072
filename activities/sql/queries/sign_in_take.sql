-- Takes a sign-in, whichever browser and however late it comes: nobody takes it again.
DELETE FROM closeout.sign_ins WHERE tenant = $1 AND state = $2
RETURNING browser, nonce, verifier, next, fresh, begun_at
