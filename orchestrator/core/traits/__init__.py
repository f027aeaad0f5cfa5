"""Computed traits: what follows from a customer's orders and acts, by counting and by models."""
