"""Experiments: who gets which arm, what the figures of the arms tell, and when that is enough to decide."""
