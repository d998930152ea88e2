#!/bin/sh
# The role that the console connects as; it owns nothing. PostgreSQL's image runs this once, when it makes the database.
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set password="$(cat /run/secrets/console-password)" <<'SQL'
create role claviger_console login password :'password';
SQL
