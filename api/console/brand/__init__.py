"""The workspace's brand in the console."""
