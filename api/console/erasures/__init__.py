"""Erasing people, and their receipts, in the console."""
