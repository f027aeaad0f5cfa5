"""Customers: profiles, consents, conditions over all of them."""
