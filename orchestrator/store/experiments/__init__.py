"""Experiments: who was exposed to what, and what came of it."""
