"""Computed traits: the night's work."""
