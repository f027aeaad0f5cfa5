"""Where a segment is used: other segments, and journeys, whether live or only drawn."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.conditions.model import segments_of
from orchestrator.store.segments.documents import conditions_of_segments

# By the text first: what only looks like it is sorted out below.
_IN_JOURNEYS = text("""
select j.key, j.name, j.status in ('live', 'paused') as live, j.draft, p.body
from journeys j
left join journey_versions v on v.journey_key = j.key and v.version = j.live_version
left join plans p on p.hash = v.plan_hash
where cast(j.draft as text) like :pattern or convert_from(p.body, 'UTF8') like :pattern
order by j.key
""")
_NAMES = text("select key, document -> 'name' as name from segments where key = any(cast(:keys as text[]))")


@dataclass(frozen=True)
class SegmentUse:
    """Something that asks about a segment. ``live``: customers are decided by it now."""

    kind: Literal["journey", "segment"]
    key: str
    name: Mapping[str, str]
    live: bool


async def used_in(db: AsyncConnection, key: str) -> list[SegmentUse]:
    """What uses a segment, journeys first."""
    found = []
    for row in await db.execute(_IN_JOURNEYS, {"pattern": f'%"{key}"%'}):
        running = row.live and row.body is not None and names_segment(orjson.loads(bytes(row.body)), key)
        if running or names_segment(row.draft, key):
            found.append(SegmentUse("journey", row.key, row.name or {}, running))
    conditions, _ = await conditions_of_segments(db)
    others = [one for one, condition in conditions.items() if key in segments_of(condition) and one != key]
    for row in await db.execute(_NAMES, {"keys": others}):
        found.append(SegmentUse("segment", row.key, row.name or {}, True))
    return found


def names_segment(document: Any, key: str) -> bool:
    """Whether a condition or a trigger within a document asks about the segment."""
    match document:
        case dict():
            return (document.get("kind") == "segment" and document.get("segment") == key) or any(
                names_segment(value, key) for value in document.values()
            )
        case list():
            return any(names_segment(value, key) for value in document)
    return False
