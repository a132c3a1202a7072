-- How many findings of a source are known.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

-- Counted up to `most`, along the key, which ends where enough is counted: by the statistics of all tenants a plan for one of
-- them reads every reference of a large source, and sorts them. The tenant is entered.
CREATE FUNCTION closeout.known_of_source(the_tenant text, the_source text, most int) RETURNS bigint
LANGUAGE sql STABLE
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off AS $$
    SELECT count(*) FROM (
        SELECT FROM closeout.source_refs AS r WHERE r.tenant = the_tenant AND r.source = the_source
        ORDER BY r.source, r.external_id, r.occurrence LIMIT most
    ) AS known
$$;
