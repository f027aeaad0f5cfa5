"""Experiments over HTTP: what runs and ran, with figures."""
