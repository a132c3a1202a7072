-- The statement that makes the database, where there is none yet: CREATE DATABASE knows no IF NOT EXISTS.
SELECT 'CREATE DATABASE closeout'
WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'closeout');
