-- Notes that somebody left: their sessions, calendar and grants end with it. No row for who is unknown, or away already.
WITH gone AS (
    UPDATE closeout.people AS p SET left_at = clock_timestamp()
    WHERE p.tenant = $1 AND p.id = $2 AND p.left_at IS NULL
    RETURNING p.tenant, p.id, p.left_at
), signed_out AS (
    DELETE FROM closeout.sessions AS s USING gone AS g WHERE s.tenant = g.tenant AND s.person = g.id
), withdrawn AS (
    UPDATE closeout.mail_wishes AS w SET calendar = NULL, calendar_at = NULL
    FROM gone AS g WHERE w.tenant = g.tenant AND w.person = g.id
), revoked AS (
    UPDATE closeout.grants AS o SET revoked_by = $4::text, revoked_at = g.left_at
    FROM gone AS g
    WHERE o.tenant = g.tenant AND o.person = g.id AND o.revoked_at IS NULL AND o.until > g.left_at
)
INSERT INTO closeout.departures (tenant, id, person, left_at, left_by, reason)
SELECT g.tenant, $3::text, g.id, g.left_at, $4::text, $5::text FROM gone AS g
RETURNING person
