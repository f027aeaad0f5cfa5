#!/bin/sh
# Bring Temporal's two databases (made by ../postgres/roles.sh) to the schema of this version of the server. Both steps
# leave alone what is there already.
set -eu

for pair in temporal:temporal temporal_visibility:visibility; do
	database=${pair%%:*}
	schema=/etc/temporal/schema/postgresql/v12/${pair##*:}/versioned
	temporal-sql-tool --db "$database" setup-schema -v 0.0
	temporal-sql-tool --db "$database" update-schema -d "$schema"
done
