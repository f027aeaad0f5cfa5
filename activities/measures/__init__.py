"""Columns of reports, written in the background."""
