-- The ids of nonconformities whose row is missing or is not what {rows: [...]} says.
SELECT want.id
FROM jsonb_populate_recordset(NULL::closeout.nonconformities, $1::jsonb -> 'rows') AS want
LEFT JOIN closeout.nonconformities AS have ON have.tenant = want.tenant AND have.id = want.id
WHERE to_jsonb(have) - '{words,stream}'::text [] IS DISTINCT FROM to_jsonb(want) - '{words,stream}'::text []
