"""Surveys and complaints over HTTP."""
