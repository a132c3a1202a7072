-- Puts clients into the registry, from {rows: [...]}; a client's key is its stream's id.
INSERT INTO closeout.clients (
    tenant, key, org, name, zone, four_eyes, internal_confirmation, view, aliases, updated_at, seq
)
SELECT r.tenant, r.id, r.org, r.name, r.zone, r.four_eyes, r.internal_confirmation, r.view, r.aliases, r.updated_at, r.seq
FROM jsonb_to_recordset($1::jsonb -> 'rows') AS r (
    tenant text, id text, org text, name text, zone text, four_eyes boolean, internal_confirmation boolean,
    view jsonb, aliases text [], updated_at timestamptz, seq int
)
ON CONFLICT (tenant, key) DO UPDATE SET
    org = excluded.org, name = excluded.name, zone = excluded.zone, four_eyes = excluded.four_eyes,
    internal_confirmation = excluded.internal_confirmation, view = excluded.view, aliases = excluded.aliases,
    updated_at = excluded.updated_at, seq = excluded.seq
