"""Sending one message, effectively once; and following up on it."""
