-- The ids of entries whose row is missing or is not what {rows: [...]} says.
SELECT want.id
FROM jsonb_populate_recordset(NULL::closeout.entries, $1::jsonb -> 'rows') AS want
LEFT JOIN closeout.entries AS have ON have.tenant = want.tenant AND have.kind = want.kind AND have.id = want.id
WHERE to_jsonb(have) IS DISTINCT FROM to_jsonb(want)
