"""Temporal workflow code and what starts, signals and serves it; nothing else."""
