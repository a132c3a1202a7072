-- Lets the login role act as the application role, which the first migration makes.
GRANT closeout_app TO closeout_login;
