"""Points that customers collect."""
