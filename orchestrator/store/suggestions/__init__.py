"""Suggestions: what became of messages, by step and channel, and what somebody did with a suggestion."""
