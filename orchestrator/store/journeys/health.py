"""How each journey fares, for the list of all: who is in it, who came in the last days, who converted, what is held."""

from collections.abc import Collection, Mapping
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
where j.key = any(cast(:keys as text[]))
""")
_CONVERTED = text("""
select j.key, g.runs from journeys j, lateral (
    select count(distinct run_id) as runs from transitions where journey_key = j.key and what = 'goal') g
where j.key = any(cast(:keys as text[]))
""")
_HELD = text("""
select journey_key as key, count(*) as sends from sends
where status = 'held' and journey_key = any(cast(:keys as text[])) group by 1
""")


@dataclass(frozen=True)
class Health:
    """One journey. ``entered``: runs begun on each of the last :data:`DAYS` days, today (24 hours) last."""

    entered: tuple[int, ...] = (0,) * DAYS
    converted: int = 0
    """Runs that reached a goal, of all there ever were."""
    held: int = 0
    """Messages that wait for their time."""

    @property
    def entered_lately(self) -> int:
        """In all of these days."""
        return sum(self.entered)


async def load_health(engine: AsyncEngine, now: datetime, keys: Collection[str]) -> Mapping[str, Health]:
    """Of these journeys, by key. ``now``: journey time."""
    wanted = {"keys": list(keys)}
    async with engine.connect() as db:
        entered: dict[str, list[int]] = {}
        for row in await db.execute(_ENTERED, {"now": now, "days": DAYS, **wanted}):
            if row.ago < DAYS:
                entered.setdefault(row.key, [0] * DAYS)[DAYS - 1 - row.ago] = row.runs
        converted = {row.key: row.runs for row in await db.execute(_CONVERTED, wanted)}
        held = {row.key: row.sends for row in await db.execute(_HELD, wanted)}
    return {
        key: Health(tuple(entered.get(key, (0,) * DAYS)), runs, held.get(key, 0)) for key, runs in converted.items()
    }
