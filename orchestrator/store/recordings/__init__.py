"""Runs that were, read with all that happened to their customers."""
