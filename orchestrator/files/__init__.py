"""Journeys, events and customers as files."""
