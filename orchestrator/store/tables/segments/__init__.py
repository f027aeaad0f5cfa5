"""Segments: their definitions, and who is in them."""

from orchestrator.store.tables.segments.definitions import Segment
from orchestrator.store.tables.segments.membership import SegmentChange, SegmentMember, SegmentRecheck, SegmentSize

__all__ = ["Segment", "SegmentChange", "SegmentMember", "SegmentRecheck", "SegmentSize"]
