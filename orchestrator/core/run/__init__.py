"""A run: the step function, its state, and which events reach it."""
