"""Computed traits in the store: what the workspace computes, counting at each event, and the night's models."""
