-- The keys of clients whose row is missing or is not what {rows: [...]} says.
SELECT want.id
FROM jsonb_to_recordset($1::jsonb -> 'rows') AS want (
    tenant text, id text, org text, name text, zone text, country text, subdivision text, sites text [],
    four_eyes boolean, internal_confirmation boolean, merged_into text, view jsonb, aliases text [],
    seen_by text [], updated_at timestamptz, seq int
)
LEFT JOIN closeout.clients AS have ON have.tenant = want.tenant AND have.key = want.id
WHERE to_jsonb(have) - 'key' IS DISTINCT FROM to_jsonb(want) - 'id'
