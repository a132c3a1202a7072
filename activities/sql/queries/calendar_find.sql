-- Whose calendar has an address, as they are known now.
SELECT p.id, p.name, p.roles, p.client, p.email
FROM closeout.mail_wishes AS w JOIN closeout.people AS p ON p.tenant = w.tenant AND p.id = w.person
WHERE w.tenant = $1 AND w.calendar = $2 AND p.left_at IS NULL
