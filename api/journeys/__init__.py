"""Journeys over HTTP: drafts, checks, publishing, versions, live counts."""
