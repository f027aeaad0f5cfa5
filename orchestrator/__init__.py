"""Sojourn: customer journeys on Temporal."""
