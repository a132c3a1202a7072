-- What waits on people who left, $2 alone if given, at most $3: living cases that they are assigned to, actions of their client's
-- living cases that they own and that are not done, reviews in which they sit and have not voted, and audits to come or under way
-- with them on the team. A name that somebody beside them bears who is here is theirs. It reads the states of these things alone:
-- of the living cases of a client whose people left, of reviews and audits that are not over, each by its stream.
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
    CROSS JOIN LATERAL unnest(closeout.ids_holding(NULL, NULL, NULL, g.id, 2147483646)) AS a (id)
    INNER JOIN closeout.nonconformities AS n
        ON n.tenant = $1 AND n.id = a.id
            AND n.status IN ('reported', 'open', 'plan_submitted', 'evidence_submitted', 'verified')
    CROSS JOIN LATERAL (
        SELECT s.state -> 'assigned' AS assigned FROM closeout.streams AS s WHERE s.tenant = $1 AND s.stream = n.stream LIMIT 1
    ) AS s
    CROSS JOIN LATERAL jsonb_each_text(s.assigned) AS r
    WHERE r.value = g.id
    UNION
    SELECT c.id, 'nonconformity', n.id, n.number, n.title, 'owner of ' || (a.value ->> 'key')
    FROM (SELECT DISTINCT g.client FROM gone AS g) AS g
    INNER JOIN closeout.nonconformities AS n
        ON n.tenant = $1 AND n.org = g.client
            AND n.status IN ('open', 'plan_submitted', 'evidence_submitted', 'verified')
    CROSS JOIN LATERAL (
        SELECT s.state -> 'actions' AS actions FROM closeout.streams AS s WHERE s.tenant = $1 AND s.stream = n.stream LIMIT 1
    ) AS s
    CROSS JOIN LATERAL jsonb_array_elements(s.actions) AS a
    INNER JOIN called AS c ON c.client = g.client AND c.word IN (a.value ->> 'owner', lower(a.value ->> 'owner'))
    WHERE a.value ->> 'done_on' IS NULL
    UNION
    SELECT g.id, 'committee_review', r.id, s.state -> 'papers' ->> 'number', s.state -> 'papers' ->> 'title', 'member'
    FROM closeout.committee_reviews AS r
    CROSS JOIN LATERAL unnest(r.members) AS m (id)
    INNER JOIN gone AS g ON g.id = m.id
    CROSS JOIN LATERAL (
        SELECT s.state FROM closeout.streams AS s WHERE s.tenant = $1 AND s.stream = 'committee_review/' || r.id LIMIT 1
    ) AS s
    WHERE r.tenant = $1 AND r.status = 'convened' AND NOT r.recused @> ARRAY[g.id] AND EXISTS (SELECT FROM gone)
        AND NOT coalesce(s.state -> 'votes', '[]') @> jsonb_build_array(jsonb_build_object('person', g.id))
    UNION
    SELECT c.id, 'audit', e.id, e.id, e.client, t.value ->> 'role'
    FROM closeout.entries AS e
    CROSS JOIN LATERAL (
        SELECT s.state -> 'outline' -> 'team' AS team FROM closeout.streams AS s
        WHERE s.tenant = $1 AND s.stream = 'audit/' || e.id LIMIT 1
    ) AS s
    CROSS JOIN LATERAL jsonb_array_elements(s.team) AS t
    INNER JOIN called AS c ON c.word IN (t.value ->> 'person', lower(t.value ->> 'person'))
    WHERE e.tenant = $1 AND e.kind = 'audit' AND e.status IN ('planned', 'under_way', 'ended')
        AND EXISTS (SELECT FROM gone)
)
SELECT w.person, w.kind, w.id, w.number, w.title, w.held_as FROM waiting AS w
ORDER BY w.person, w.kind, w.number, w.id, w.held_as LIMIT $3
