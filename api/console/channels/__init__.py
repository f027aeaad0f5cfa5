"""Channels and sending policies."""
