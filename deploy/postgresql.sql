-- PostgreSQL for Osler: run once as a superuser, psql -v password="'...'" -f postgresql.sql
-- Then DATABASE_URL=postgresql://osler@db.hospital.internal/osler?sslmode=verify-full&sslrootcert=/etc/osler/db-ca.pem, and `osler migrate`.
-- Records and wrapped keys stand in schemas of their own, so that they can be backed up apart:
--   pg_dump --exclude-schema=osler_keys osler > records.sql      pg_dump --schema=osler_keys osler > keys.sql
CREATE ROLE osler LOGIN PASSWORD :password;
CREATE DATABASE osler OWNER osler ENCODING 'UTF8' TEMPLATE template0;
\connect osler
CREATE EXTENSION IF NOT EXISTS vector;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER ROLE osler SET statement_timeout = '30s';
ALTER ROLE osler SET idle_in_transaction_session_timeout = '60s';
ALTER ROLE osler SET synchronous_commit = 'on';
