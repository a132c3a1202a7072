-- The keys of the audits on whose team somebody is, by id or name, the latest first.
SELECT e.id FROM closeout.entries AS e
WHERE e.tenant = $1 AND e.kind = 'audit' AND e.view -> 'team' ?| $2::text []
ORDER BY e.view ->> 'starts_on' DESC, e.id LIMIT $3
