"""Segments: named conditions on customers, whose members are kept."""
