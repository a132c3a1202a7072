-- Notes what became of mails of one person.
UPDATE closeout.mails AS w SET state = a.state, tries = a.tries, next_at = a.next_at, failure = a.failure
FROM unnest($2::uuid [], $3::text [], $4::text [], $5::int [], $6::timestamptz [], $7::text [])
    AS a (event_id, person, state, tries, next_at, failure)
WHERE w.tenant = $1 AND w.event_id = a.event_id AND w.person = a.person AND w.state = 'pending'
