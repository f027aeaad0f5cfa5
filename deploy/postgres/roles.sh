#!/bin/sh
# Run once, by PostgreSQL's own entry point, on an empty volume: Sojourn and Temporal each get a role and databases of
# their own, and neither is a superuser.
set -eu

psql --no-psqlrc -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres \
	-v sojourn="$POSTGRES_SOJOURN_PASSWORD" -v temporal="$POSTGRES_TEMPORAL_PASSWORD" <<'SQL'
CREATE ROLE sojourn LOGIN PASSWORD :'sojourn';
CREATE ROLE temporal LOGIN PASSWORD :'temporal';
CREATE DATABASE sojourn OWNER sojourn;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
SQL
