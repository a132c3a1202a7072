-- Moves a mailing to $3, $4, $5 and enters what is to be written, unless it was moved meanwhile. What was entered stays as it is.
WITH moved AS (
    UPDATE closeout.mailings AS m SET epoch = $3, xid = $4::xid8, n = $5
    WHERE m.tenant = $1 AND m.turn = $2 AND (m.epoch, m.xid, m.n) = ($6::int, $7::xid8, $8::bigint)
    RETURNING m.tenant
), entered AS (
    INSERT INTO closeout.mails (tenant, event_id, person, org, position, notice, digest, state, next_at)
    SELECT $1, e.event_id, e.person, e.org, e.position, e.notice, e.digest, e.state, e.next_at
    FROM moved
    CROSS JOIN unnest(
        $9::uuid [], $10::text [], $11::text [], $12::text [], $13::jsonb [], $14::boolean [], $15::text [], $16::timestamptz []
    ) AS e (event_id, person, org, position, notice, digest, state, next_at)
    ON CONFLICT (tenant, event_id, person) DO NOTHING
)
SELECT EXISTS (SELECT FROM moved) AS moved
