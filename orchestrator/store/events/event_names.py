"""Every event name the workspace has seen: its properties, how often it came of late, which journeys speak of it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

PERIOD = timedelta(days=30)
_EXACT_UP_TO = 200_000
"""A larger log is counted by a sample of about so many events: a catalogue need not read millions of rows."""

_SEEN = text("select kind, event, name, type, first_seen from seen_names where kind in ('event', 'property')")
_SIZE = text("select greatest(reltuples, 0) from pg_class where oid = cast('events' as regclass)")
_COUNTS = text("""
select name, count(*) as times, max(occurred_at) as last_seen from events where occurred_at > :since group by name
""")
_SAMPLED_COUNTS = text("""
select name, count(*) as times, max(occurred_at) as last_seen from events tablesample system (:percent)
where occurred_at > :since group by name
""")
_USES = text("""
select j.key, j.name, j.status, event #>> '{}' as event
from journeys j, jsonb_path_query(j.draft, 'strict $.**.event ? (@.type() == "string")') as event
group by 1, 2, 3, 4 order by 1
""")


@dataclass
class EventName:
    """An event by name. ``times``: in the last 30 days of journey time; ``journeys``: key and name by language."""

    name: str
    first_seen: datetime | None = None
    properties: list[tuple[str, str]] = field(default_factory=list)
    times: int = 0
    last_seen: datetime | None = None
    journeys: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)


@dataclass(frozen=True)
class EventNames:
    """The catalogue. ``sampled``: the counts are estimates."""

    events: list[EventName]
    sampled: bool


async def load_event_names(engine: AsyncEngine, now: datetime) -> EventNames:
    """All names in alphabetical order; also those that only journeys know, which nobody has sent yet."""
    found: dict[str, EventName] = {}

    def named(name: str) -> EventName:
        return found.setdefault(name, EventName(name))

    async with engine.connect() as db:
        properties: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for row in await db.execute(_SEEN):
            if row.kind == "event":
                named(row.name).first_seen = row.first_seen
            else:
                properties[row.event].append((row.name, row.type))
        for event, names in properties.items():
            named(event).properties = sorted(names)
        for row in await db.execute(_USES):
            named(row.event).journeys.append((row.key, row.name))
        sampled = await _count(db, found, now - PERIOD)
    return EventNames(sorted(found.values(), key=lambda one: one.name.lower()), sampled)


async def _count(db: AsyncConnection, found: dict[str, EventName], since: datetime) -> bool:
    size = float((await db.execute(_SIZE)).scalar_one())
    share = min(1.0, _EXACT_UP_TO / size) if size else 1.0
    query = _COUNTS if share == 1.0 else _SAMPLED_COUNTS
    for row in await db.execute(query, {"since": since, "percent": 100 * share}):
        if row.name in found:
            found[row.name].times = round(row.times / share)
            found[row.name].last_seen = row.last_seen
    return share < 1.0
