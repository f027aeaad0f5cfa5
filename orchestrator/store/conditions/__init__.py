"""Conditions as SQL: what ``core/conditions`` says of one customer, said of all of them at once."""
