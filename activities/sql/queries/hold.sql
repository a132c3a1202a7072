-- Enters, and holds a stream until the transaction ends.
SELECT closeout.enter($1, NULL), closeout.hold($1, $2)
