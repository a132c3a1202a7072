-- These nonconformities as they stand, each with its client.
SELECT
    s.stream, s.seq, s.head, s.state, s.policy, s.state_version, s.last_at, s.next_wakeup, s.owed, s.lives,
    c.key AS client, c.zone, c.country, c.subdivision, c.sites, c.four_eyes, c.internal_confirmation, c.merged_into
FROM closeout.nonconformities AS n
INNER JOIN closeout.streams AS s ON s.tenant = n.tenant AND s.stream = n.stream
LEFT JOIN closeout.clients AS c ON c.tenant = s.tenant AND c.key = s.org
WHERE n.tenant = $1 AND n.id = ANY($2::text [])
