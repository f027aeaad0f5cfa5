"""Importing customers from a file: looked at, tried, begun, watched."""
