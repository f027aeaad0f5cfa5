"""Journeys: the list, new ones, pictures, the canvas."""
