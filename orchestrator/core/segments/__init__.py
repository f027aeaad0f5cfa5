"""Segments: named conditions on customers, whose members are kept as events come and time passes."""
