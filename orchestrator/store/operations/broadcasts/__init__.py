"""Broadcasts: their audience, whose turn it is, what became of each, and taking back what can be taken back."""
