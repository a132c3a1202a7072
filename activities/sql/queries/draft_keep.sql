-- Keeps what was typed into a form, in place of what was; one row. Not where the form was sent meanwhile, as the event
-- of its command $8 shows, nor where the person has $9 other drafts.
WITH found AS (
    SELECT
        EXISTS (
            SELECT FROM closeout.events AS e WHERE e.tenant = $1 AND e.stream = $3 AND e.command_id = $8
        ) AS is_sent,
        (
            SELECT count(*) FROM closeout.drafts AS d
            WHERE d.tenant = $1 AND d.person = $2 AND (d.stream, d.command, d.about) <> ($3, $4, $5)
        ) >= $9::int AS is_full
), kept AS (
    INSERT INTO closeout.drafts AS d (tenant, person, stream, command, about, seq, typed, kept_at)
    SELECT $1, $2, $3, $4, $5, $6::int, $7::json, $10::timestamptz FROM found AS f WHERE NOT f.is_sent AND NOT f.is_full
    ON CONFLICT (tenant, person, stream, command, about)
    DO UPDATE SET seq = excluded.seq, typed = excluded.typed, kept_at = excluded.kept_at
)
SELECT f.is_sent, f.is_full FROM found AS f
