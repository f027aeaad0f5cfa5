"""Experiments: who gets which arm."""
