"""Outgoing HTTP that never reaches our own network."""
