"""The `sojourn` commands that need no server."""
