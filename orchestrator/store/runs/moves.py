"""What the store knows of runs that are moved: who stands where in which version, and whom an operation has moved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

MOST_COUNTED = 5000
"""Runs whose deadlines are counted anew for a preview; of more, these are taken for all."""

_WAS_MOVED = text("""
select exists (select from transitions where run_id = :run and what = 'moved' and note ->> 'by' = :operation)
""")
_PROPERTIES = text("select properties from events where message_id = :id")
_IN_FLIGHT = text("""
select r.version, r.plan_hash, r.step, count(*) as runs, min(r.waiting_until) as first_due,
    max(r.waiting_until) as last_due, count(r.parked_at) as parked
from runs r where r.journey_key = :journey and r.status in ('starting', 'running')
    and (cast(:version as int) is null or r.version = cast(:version as int))
group by 1, 2, 3 order by 1 desc, 4 desc, 3
""")
_REACHED = text("""
select coalesce(t.at, r.entered_at) from runs r left join lateral (
    select at from transitions t
    where t.run_id = r.id and t.step = r.step and t.what = 'entered' order by t.seq desc limit 1
) t on true
where r.journey_key = :journey and r.version = :version and r.step = :step and r.status in ('starting', 'running')
limit :most
""")


@dataclass(frozen=True)
class StandingGroup:
    """Runs under way at one step of one version. ``first_due`` and ``last_due``: of those that wait for an instant."""

    version: int
    plan_hash: str
    step: str | None
    runs: int
    first_due: datetime | None
    last_due: datetime | None
    parked: int


async def was_moved(engine: AsyncEngine, run: UUID, operation: UUID) -> bool:
    """Whether an operation has moved a run."""
    async with engine.connect() as db:
        given = {"run": run, "operation": str(operation)}
        return bool((await db.execute(_WAS_MOVED, given)).scalar_one())


async def load_properties(engine: AsyncEngine, message_id: str) -> dict[str, Any]:
    """Of an event; none where it was erased."""
    async with engine.connect() as db:
        found: dict[str, Any] | None = (await db.execute(_PROPERTIES, {"id": message_id})).scalar_one_or_none()
    return found or {}


async def group_in_flight(engine: AsyncEngine, journey: str, version: int | None = None) -> Sequence[StandingGroup]:
    """Who is under way, by version and step: the newest version first, within it where most are."""
    async with engine.connect() as db:
        rows = await db.execute(_IN_FLIGHT, {"journey": journey, "version": version})
        return [StandingGroup(*row) for row in rows]


async def reached_at(engine: AsyncEngine, journey: str, version: int, step: str) -> Sequence[datetime]:
    """When the runs at a step got there; of at most :data:`MOST_COUNTED`."""
    given = {"journey": journey, "version": version, "step": step, "most": MOST_COUNTED}
    async with engine.connect() as db:
        return list((await db.execute(_REACHED, given)).scalars())
