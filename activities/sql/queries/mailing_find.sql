-- How a tenant's mailing does; no row where it never began.
SELECT m.failing_since, m.failure, m.last_success_at FROM closeout.mailings AS m WHERE m.tenant = $1
