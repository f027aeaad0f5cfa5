"""Intake: Segment's HTTP tracking specification, and files through the same door."""
