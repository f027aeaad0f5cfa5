"""Segments: who is in which, since when and why."""
