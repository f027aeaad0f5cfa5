"""Journeys that customers enter because time passes."""
