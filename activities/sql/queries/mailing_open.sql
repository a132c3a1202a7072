-- Enters a tenant's mailing, which begins at a position; one that is there stays where it is.
INSERT INTO closeout.mailings (tenant, epoch, xid, n) VALUES ($1, $2, $3::xid8, $4) ON CONFLICT (tenant) DO NOTHING
