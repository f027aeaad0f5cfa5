"""Experiments: the library, one of them, and holdouts."""
