"""One file (or folder) for each provider of a channel."""
