"""Histories of runs, replayed: whether this build decides what was decided."""
