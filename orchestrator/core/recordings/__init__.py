"""Runs that were, as scenarios: what happened to a customer, without what is of a person, played and compared."""
