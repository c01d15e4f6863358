#!/bin/sh
# Runs once, when the postgres container of docker-compose.yml makes its databases: after db-init.sql has filled "source".
# One user may only read the source; the other owns the database of the state, and cannot open the source.
set -eu

psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
  --set reader_password="$READER_PASSWORD" --set state_password="$STATE_PASSWORD" <<'SQL'
REVOKE CONNECT ON DATABASE source FROM PUBLIC;
CREATE ROLE feed_reader LOGIN PASSWORD :'reader_password';
GRANT CONNECT ON DATABASE source TO feed_reader;
GRANT SELECT ON facility TO feed_reader;
CREATE ROLE facilityfeed LOGIN PASSWORD :'state_password';
CREATE DATABASE state OWNER facilityfeed;
SQL
