-- The keys of the audits on whose team somebody is, by their badges of a team, the latest first.
SELECT e.id
FROM unnest(closeout.audits_of($2::text [])) AS a (id)
INNER JOIN closeout.entries AS e ON e.tenant = $1 AND e.kind = 'audit' AND e.id = a.id
ORDER BY e.view ->> 'starts_on' DESC, e.id LIMIT $3
