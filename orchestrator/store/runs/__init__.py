"""Runs: what they commit, which events reach them, lists."""
