"""Surveys: questions, answer groups, invitations."""
