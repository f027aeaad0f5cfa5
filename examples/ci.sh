#!/usr/bin/env bash
# What CI does with a pull request that changes journeys: play the scenarios, and say what pushing would do.
# Needs SOJOURN_SERVER and SOJOURN_TOKEN (an API token that may draw). Leaves scenarios.xml (JUnit) and plan.md, to be
# attached and commented; ends with 1 where a scenario fails or something could not be pushed.
set -uo pipefail
folder=${1:-.}
failed=0

if compgen -G "$folder/**/*.scenario.yaml" >/dev/null || compgen -G "$folder/*.scenario.yaml" >/dev/null; then
	sojourn test "$folder" --coverage --junit scenarios.xml || failed=1
fi
sojourn plan "$folder" --markdown >plan.md || failed=1
cat plan.md
exit $failed
