-- What waits on people who left, $2 alone if given, at most $3: living cases that they are assigned to, actions of their client's
-- living cases that they own and that are not done, reviews in which they sit and have not voted, and audits to come or under way
-- with them on the team. A name that somebody beside them bears who is here is theirs.
WITH gone AS MATERIALIZED (
    SELECT p.id, p.name, p.client FROM closeout.people AS p
    WHERE p.tenant = $1 AND p.left_at IS NOT NULL AND ($2::text IS NULL OR p.id = $2)
), called AS MATERIALIZED (
    SELECT g.id, g.client, g.id AS word FROM gone AS g
    UNION
    SELECT g.id, g.client, lower(g.name) FROM gone AS g
    WHERE g.name <> '' AND NOT EXISTS (
        SELECT FROM closeout.people AS p
        WHERE p.tenant = $1 AND p.left_at IS NULL AND lower(p.name) = lower(g.name)
            AND p.client IS NOT DISTINCT FROM g.client
    )
), waiting AS (
    SELECT g.id AS person, 'nonconformity' AS kind, n.id, n.number, n.title, r.key AS held_as
    FROM gone AS g
    INNER JOIN closeout.nonconformities AS n
        ON n.tenant = $1 AND n.assignees <> '{}' AND n.assignees @> ARRAY[g.id]
            AND n.status IN ('reported', 'open', 'plan_submitted', 'evidence_submitted', 'verified')
    INNER JOIN closeout.streams AS s ON s.tenant = n.tenant AND s.stream = n.stream
    CROSS JOIN LATERAL jsonb_each_text(s.state -> 'assigned') AS r
    WHERE r.value = g.id
    UNION
    SELECT c.id, 'nonconformity', n.id, n.number, n.title, 'owner of ' || (a.value ->> 'key')
    FROM closeout.nonconformities AS n
    INNER JOIN closeout.streams AS s ON s.tenant = n.tenant AND s.stream = n.stream
    CROSS JOIN LATERAL jsonb_array_elements(s.state -> 'actions') AS a
    INNER JOIN called AS c ON c.client = n.org AND c.word IN (a.value ->> 'owner', lower(a.value ->> 'owner'))
    WHERE n.tenant = $1 AND n.org IN (SELECT g.client FROM gone AS g)
        AND n.status IN ('open', 'plan_submitted', 'evidence_submitted', 'verified')
        AND a.value ->> 'done_on' IS NULL AND EXISTS (SELECT FROM gone)
    UNION
    SELECT g.id, 'committee_review', r.id, s.state -> 'papers' ->> 'number', s.state -> 'papers' ->> 'title', 'member'
    FROM gone AS g
    INNER JOIN closeout.committee_reviews AS r
        ON r.tenant = $1 AND r.status = 'convened' AND r.members @> ARRAY[g.id] AND NOT r.recused @> ARRAY[g.id]
    INNER JOIN closeout.streams AS s ON s.tenant = r.tenant AND s.stream = 'committee_review/' || r.id
    WHERE NOT coalesce(s.state -> 'votes', '[]') @> jsonb_build_array(jsonb_build_object('person', g.id))
    UNION
    SELECT c.id, 'audit', e.id, e.id, e.client, t.value ->> 'role'
    FROM closeout.entries AS e
    INNER JOIN closeout.streams AS s ON s.tenant = e.tenant AND s.stream = 'audit/' || e.id
    CROSS JOIN LATERAL jsonb_array_elements(s.state -> 'outline' -> 'team') AS t
    INNER JOIN called AS c ON c.word IN (t.value ->> 'person', lower(t.value ->> 'person'))
    WHERE e.tenant = $1 AND e.kind = 'audit' AND e.status IN ('planned', 'under_way', 'ended')
        AND EXISTS (SELECT FROM gone)
)
SELECT w.person, w.kind, w.id, w.number, w.title, w.held_as FROM waiting AS w
ORDER BY w.person, w.kind, w.number, w.id, w.held_as LIMIT $3
