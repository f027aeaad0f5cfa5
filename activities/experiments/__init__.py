"""Experiments: judged by their rules."""
