#!/bin/sh
# Make the namespace and Sojourn's search attributes; does nothing where they exist.
set -eu

until temporal operator cluster health; do sleep 2; done
temporal operator namespace describe -n "$TEMPORAL_NAMESPACE" >/dev/null 2>&1 ||
	temporal operator namespace create -n "$TEMPORAL_NAMESPACE" --retention 30d

attribute() {
	temporal operator search-attribute list | grep -qw "$1" ||
		temporal operator search-attribute create --name "$1" --type "$2"
}
attribute SojournJourney Keyword
attribute SojournVersion Int
attribute SojournCustomer Keyword
attribute SojournStage Keyword
attribute SojournStep Keyword
attribute SojournProblem Keyword
