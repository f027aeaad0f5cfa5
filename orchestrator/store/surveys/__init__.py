"""Surveys, their answers, and complaints."""
