-- The reviews in the calendar of the committee member $2: to be decided, or changed last since $3.
SELECT r.id FROM closeout.committee_reviews AS r
WHERE r.tenant = $1 AND r.members @> ARRAY[$2::text] AND (r.status = 'convened' OR r.updated_at > $3)
ORDER BY r.status <> 'convened', r.due_at, r.id LIMIT $4
