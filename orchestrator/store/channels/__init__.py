"""Channels as they are set up: providers, their rates, how they are doing."""
