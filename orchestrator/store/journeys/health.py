"""How each journey fares, for the list of all: who is in it, who came in the last days, who converted, what is held."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

DAYS = 7

# One range of an index for each journey: a condition on the instant alone would read every run there ever was.
_ENTERED = text("""
select j.key, r.ago, r.runs from journeys j, lateral (
    select cast(floor(extract(epoch from cast(:now as timestamptz) - entered_at) / 86400) as int) as ago,
        count(*) as runs
    from runs where journey_key = j.key and entered_at > cast(:now as timestamptz) - make_interval(days => :days)
        and entered_at <= :now group by 1) r
""")
_CONVERTED = text("""
select j.key, g.runs from journeys j, lateral (
    select count(distinct run_id) as runs from transitions where journey_key = j.key and what = 'goal') g
""")
_HELD = text("select journey_key as key, count(*) as sends from sends where status = 'held' group by 1")
_CHANGED = text("""
select j.key from journeys j join journey_versions v on v.journey_key = j.key and v.version = j.live_version
where v.document is not null and j.draft - 'layout' <> v.document - 'layout'
""")


@dataclass(frozen=True)
class Health:
    """One journey. ``entered``: runs begun on each of the last :data:`DAYS` days, today (24 hours) last."""

    entered: tuple[int, ...] = (0,) * DAYS
    converted: int = 0
    """Runs that reached a goal, of all there ever were."""
    held: int = 0
    """Messages that wait for their time."""
    changed: bool = False
    """Whether the draft differs from what is live."""

    @property
    def entered_lately(self) -> int:
        """In all of these days."""
        return sum(self.entered)


async def load_health(engine: AsyncEngine, now: datetime) -> Mapping[str, Health]:
    """Every journey's, by key. ``now``: journey time."""
    async with engine.connect() as db:
        entered: dict[str, list[int]] = {}
        for row in await db.execute(_ENTERED, {"now": now, "days": DAYS}):
            if row.ago < DAYS:
                entered.setdefault(row.key, [0] * DAYS)[DAYS - 1 - row.ago] = row.runs
        converted = {row.key: row.runs for row in await db.execute(_CONVERTED)}
        held = {row.key: row.sends for row in await db.execute(_HELD)}
        changed = {row.key for row in await db.execute(_CHANGED)}
    return {
        key: Health(tuple(entered.get(key, (0,) * DAYS)), runs, held.get(key, 0), key in changed)
        for key, runs in converted.items()
    }
