"""Suggestions: messages that do worse than their kind."""
