"""Secrets of the workspace."""
