"""Making, changing and putting away segments, as the API and the console both do it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.conditions.model import Condition
from orchestrator.core.segments.document import SegmentDocument, SegmentProblem, check_segments_within, read_segment
from orchestrator.store.customers.audience import count_matching
from orchestrator.store.segments.documents import conditions_of_segments
from orchestrator.store.segments.members import sample_matching
from orchestrator.store.segments.used_in import SegmentUse, used_in

RESERVED = frozenset({"estimate", "new", "ready"})
"""Keys that addresses have already."""
PATIENCE = 2.0
"""Seconds that counting may take while somebody writes a condition."""


async def check_segment(
    db: AsyncConnection, key: str, given: Mapping[str, Any]
) -> tuple[SegmentDocument | None, tuple[SegmentProblem, ...]]:
    """The segment as it was sent, or what stands in its way, the others that there are counted in."""
    document, problems = read_segment(given)
    if document is not None:
        problems = await check_within(db, key, document.condition)
    return (None if problems else document), problems


async def check_within(db: AsyncConnection, key: str, condition: Condition) -> tuple[SegmentProblem, ...]:
    """What is wrong with the segments that a condition asks about."""
    others, archived = await conditions_of_segments(db)
    return check_segments_within(key, condition, {one: other for one, other in others.items() if one != key}, archived)


async def live_uses(db: AsyncConnection, key: str) -> list[SegmentUse]:
    """What would lose its answer if the segment were put away now."""
    return [one for one in await used_in(db, key) if one.live]


async def estimate(engine: AsyncEngine, condition: Condition, now: datetime) -> dict[str, Any]:
    """How many meet a condition now, and some of them."""
    count = await count_matching(engine, condition, now, PATIENCE)
    sample = []
    if count is not None:
        async with engine.connect() as db:
            sample = await sample_matching(db, condition, now)
    return {
        "customers": count,
        "too_slow": count is None,
        "sample": [{"customer": customer, "called": called} for customer, called in sample],
    }
