"""Computed traits over HTTP."""
