"""Customers for back-tests: who there are by stratum, and some of them with all that they did."""
