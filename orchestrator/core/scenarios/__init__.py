"""Scenarios: what is to become of a customer to whom these things happen, checked against what the journey does."""
