"""The router: offers every stored event to the journeys and runs that it concerns."""
