"""What journeys and templates share over HTTP: keys, bodies, revisions, problems."""
