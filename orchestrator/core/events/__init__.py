"""Events of customers, events of runs, and the ids that are derived from their causes."""
