-- The ids of committee reviews whose row is missing or is not what {rows: [...]} says.
SELECT want.id
FROM jsonb_populate_recordset(NULL::closeout.committee_reviews, $1::jsonb -> 'rows') AS want
LEFT JOIN closeout.committee_reviews AS have ON have.tenant = want.tenant AND have.id = want.id
WHERE to_jsonb(have) IS DISTINCT FROM to_jsonb(want)
