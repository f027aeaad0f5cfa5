"""Suggestions: what somebody did with them. What they are made of is a journey's performance."""
