-- Holds streams until the transaction ends, in the order in which they are named: the same for everybody.
SELECT closeout.hold($1, n.stream) FROM unnest($2::text []) AS n (stream)
