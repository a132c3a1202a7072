-- All that the overview shows of a tenant's cases, in one row: a figure a column, as JSON, all from one look at them.
-- $2 is the present, $3 until before $4 the period; $5 the clients, null for all; $6 how many lines a figure has at
-- most; $7 the ages in days with which a band begins; $8 how many standards, and departments, the heat map names; $9 the client
-- whose people ask: row-level security holds them to it, the filter finds its index.
-- Issued is what still stands: what was withdrawn was none, and what was superseded is counted in its systemic major.
WITH cases AS MATERIALIZED (
    SELECT
        n.grade, n.client, coalesce(n.audit_ref, '') AS audit, n.due_kind, coalesce(n.department, '') AS department,
        n.requirements, n.standards, n.categories, n.recurrence_of IS NOT NULL AS recurs,
        n.status = ANY('{open,plan_submitted,evidence_submitted,verified}') AS living,
        coalesce(n.due_at < $2, false) AS overdue,
        floor(extract(epoch FROM $2 - n.issued_at) / 86400)::int AS age,
        floor(extract(epoch FROM $2 - n.due_at) / 86400)::int AS late,
        n.issued_at >= $3 AND n.issued_at < $4 AND n.status <> ALL('{withdrawn,superseded}') AS issued,
        CASE
            WHEN n.status = 'closed' AND n.ended_at >= $3 AND n.ended_at < $4
                THEN extract(epoch FROM n.ended_at - n.issued_at)::float8 / 86400
        END AS took
    FROM closeout.nonconformities AS n
    WHERE n.tenant = $1
        AND n.issued_at IS NOT NULL
        AND ($5::text [] IS NULL OR n.client = ANY($5))
        AND ($9::text IS NULL OR n.org = $9)
        AND (
            n.ended_at IS NULL
            OR n.due_at < $2
            OR (n.issued_at >= $3 AND n.issued_at < $4)
            OR (n.ended_at >= $3 AND n.ended_at < $4)
        )
), failed AS (
    SELECT r.name, count(*) AS cases, count(*) FILTER (WHERE c.recurs) AS again
    FROM cases AS c
    CROSS JOIN LATERAL (SELECT DISTINCT u.name FROM unnest(c.requirements) AS u (name)) AS r
    WHERE c.issued
    GROUP BY r.name
), caused AS (
    SELECT r.name, count(*) AS cases, count(*) FILTER (WHERE c.recurs) AS again
    FROM cases AS c CROSS JOIN unnest(c.categories) AS r (name)
    WHERE c.issued
    GROUP BY r.name
), crossed AS MATERIALIZED (
    SELECT s.name AS standard, c.department, count(*) AS cases
    FROM cases AS c CROSS JOIN unnest(c.standards) AS s (name)
    WHERE c.issued
    GROUP BY s.name, c.department
), standards AS (
    SELECT standard, row_number() OVER (ORDER BY sum(cases) DESC, standard) AS place FROM crossed GROUP BY standard
), departments AS (
    SELECT department, row_number() OVER (ORDER BY sum(cases) DESC, department) AS place
    FROM crossed GROUP BY department
), loads AS (
    SELECT
        client, audit, GROUPING(audit) = 1 AS of_client, count(*) FILTER (WHERE living) AS open,
        count(*) FILTER (WHERE overdue) AS overdue, count(*) FILTER (WHERE issued) AS issued, count(took) AS closed,
        count(*) FILTER (WHERE issued AND recurs) AS again
    FROM cases
    GROUP BY GROUPING SETS ((client), (client, audit))
)
SELECT
    (
        SELECT json_build_object(
            'open', count(*) FILTER (WHERE living), 'overdue', count(*) FILTER (WHERE overdue),
            'issued', count(*) FILTER (WHERE issued), 'closed', count(took),
            'again', count(*) FILTER (WHERE issued AND recurs)
        ) FROM cases
    ) AS totals,
    (
        SELECT coalesce(json_agg(f), '[]') FROM (
            SELECT width_bucket(age, $7::int []) AS band, grade, count(*) AS cases
            FROM cases WHERE living GROUP BY 1, 2
        ) AS f
    ) AS ages,
    (
        SELECT coalesce(json_agg(f), '[]') FROM (
            SELECT due_kind AS deadline, grade, count(*) AS cases, max(late) AS days
            FROM cases WHERE overdue GROUP BY 1, 2
        ) AS f
    ) AS overdue,
    (
        SELECT coalesce(json_agg(f), '[]') FROM (
            SELECT
                grade, count(*) AS cases, percentile_cont(0.5) WITHIN GROUP (ORDER BY took) AS median,
                percentile_cont(0.9) WITHIN GROUP (ORDER BY took) AS ninetieth
            FROM cases WHERE took IS NOT NULL GROUP BY GROUPING SETS ((grade), ())
            HAVING count(*) > 0
        ) AS f
    ) AS closing,
    (
        SELECT coalesce(json_agg(f), '[]') FROM (
            SELECT name, cases, again, sum(cases) OVER () AS among
            FROM failed ORDER BY cases DESC, name LIMIT $6
        ) AS f
    ) AS requirements,
    (
        SELECT coalesce(json_agg(f), '[]') FROM (
            SELECT name, cases, again, sum(cases) OVER () AS among
            FROM caused ORDER BY cases DESC, name LIMIT $6
        ) AS f
    ) AS causes,
    (
        SELECT coalesce(json_agg(f), '[]') FROM (
            SELECT name, cases, again, sum(again) OVER () AS among
            FROM failed WHERE again > 0 ORDER BY again DESC, name LIMIT $6
        ) AS f
    ) AS repeats,
    (
        SELECT coalesce(json_agg(f), '[]') FROM (
            SELECT
                CASE WHEN s.place <= $8 THEN c.standard END AS standard,
                CASE WHEN d.place <= $8 THEN c.department END AS department,
                sum(c.cases) AS cases
            FROM crossed AS c
            INNER JOIN standards AS s ON s.standard = c.standard
            INNER JOIN departments AS d ON d.department = c.department
            GROUP BY 1, 2
        ) AS f
    ) AS heat,
    (
        SELECT coalesce(json_agg(f), '[]') FROM (
            SELECT l.client, coalesce(c.name, '') AS name, l.open, l.overdue, l.issued, l.closed, l.again
            FROM (
                SELECT * FROM loads WHERE of_client ORDER BY open DESC, issued DESC, client LIMIT $6
            ) AS l
            LEFT JOIN closeout.clients AS c ON c.tenant = $1 AND c.key = l.client
            ORDER BY l.open DESC, l.issued DESC, l.client
        ) AS f
    ) AS clients,
    (
        SELECT coalesce(json_agg(f), '[]') FROM (
            SELECT client, audit AS name, open, overdue, issued, closed, again
            FROM loads WHERE NOT of_client ORDER BY open DESC, issued DESC, client, audit LIMIT $6
        ) AS f
    ) AS audits
