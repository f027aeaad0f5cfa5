"""One file for each provider of a channel."""
