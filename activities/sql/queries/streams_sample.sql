-- Some streams of a tenant, from pages picked at random, with where each stands.
SELECT s.stream, s.seq, s.head
FROM closeout.streams AS s TABLESAMPLE SYSTEM ((
    SELECT least(100, 100.0 * 20 * $2::int / greatest(c.reltuples, 1)) FROM pg_catalog.pg_class AS c
    WHERE c.oid = 'closeout.streams'::regclass
))
WHERE s.tenant = $1
LIMIT $2
