"""Journeys: drafts, versions, plans, figures."""
