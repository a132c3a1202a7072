-- Every tenant.
SELECT tenant FROM closeout.tenants()
