"""Customers: search, profile, timeline, messages, consents."""
