"""Finding things of the workspace by a part of their name."""
