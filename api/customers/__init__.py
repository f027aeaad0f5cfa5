"""Customers and their activity over HTTP."""
