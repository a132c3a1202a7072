-- What a command needs from outside its stream: a client, the number that would come next, the committee; one row.
SELECT
    c.key, c.zone, c.four_eyes, c.internal_confirmation,
    (SELECT n.last FROM closeout.counters AS n WHERE n.tenant = $1 AND n.series = $3) AS last,
    CASE WHEN $4::boolean THEN (
        SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name, 'roles', p.roles, 'client', p.client) ORDER BY p.id), '[]')
        FROM closeout.people AS p WHERE p.tenant = $1 AND p.roles @> '{committee_member}'
    ) END AS committee
FROM (VALUES ($1::text, $2::text)) AS wanted (tenant, client)
LEFT JOIN closeout.clients AS c ON c.tenant = wanted.tenant AND c.key = wanted.client
