"""Events as they come in, and their names."""
