"""Suggestions: steps that do measurably worse than their kind, and a change for each that somebody may try."""
