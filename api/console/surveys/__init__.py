"""Surveys, their reports, complaints."""
