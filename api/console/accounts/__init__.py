"""Signing in, people, tokens and the workspace."""
