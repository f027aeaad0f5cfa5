"""The webhook step, carried out."""
