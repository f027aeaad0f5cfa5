"""Segments: definitions, membership kept by events and by time, builds."""
