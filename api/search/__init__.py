"""One search over everything of the workspace."""
