"""Runs that stand still while something is paused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.sending.reasons import FAULTS, PAUSES
from orchestrator.store.runs.trouble import JOURNEY_NOW

_STEP = "r.journey_key || '/' || coalesce(s.step, r.step)"
_PAUSE = f"""
case when w.settings -> 'paused' -> 'everything' is not null then 'everything'
    when j.status = 'paused' then 'journey'
    when w.settings -> 'paused' -> 'steps' -> ({_STEP}) is not null then 'step:' || {_STEP}
    when w.settings -> 'paused' -> 'channels' -> s.channel is not null then 'channel:' || s.channel
end
"""
_FROM = """
from runs r left join journeys j on j.key = r.journey_key left join workspace w on w.id = 1
    left join sends s on s.id = :send
where r.id = :run
"""
_PARKED = f"""
from runs r left join journeys j on j.key = r.journey_key left join workspace w on w.id = 1
    left join sends s on s.id = :send, lateral (select {_PAUSE} as pause) p
where r.id = :run
"""
# A run that is parked for a fault has it, and keeps no other that it had.
_PARK = text(f"""
update runs set parked_at = {JOURNEY_NOW}, parked_for = coalesce(found.pause, 'journey'), problem = found.problem,
    problem_at = case when found.problem is null then runs.problem_at else {JOURNEY_NOW} end,
    problem_since = case when found.problem is null then runs.problem_since else {JOURNEY_NOW} end
from (
    select r.id, p.pause, split_part(p.pause, '/', 2) || ':' || (
        w.settings -> 'paused' -> 'steps' -> substr(p.pause, 6) ->> 'cause') as problem
    {_PARKED}
) found
where runs.id = found.id and runs.finished_at is null returning runs.parked_at, runs.problem
""")
_STANDS = text(f"select ({_PAUSE}) is not null {_FROM}")
_UNPARK = text("""
update runs set parked_at = null, parked_for = null,
    problem = case when parked_for like 'step:%' then null else problem end
where id = :run and parked_at = :at
""")
_PAUSE_OF_PARKED = """
case when r.parked_for = 'everything' then w.settings -> 'paused' -> 'everything' is not null
    when r.parked_for = 'journey' then j.status = 'paused'
    when r.parked_for like 'step:%' then w.settings -> 'paused' -> 'steps' -> substr(r.parked_for, 6) is not null
    when r.parked_for like 'channel:%' then w.settings -> 'paused' -> 'channels' -> substr(r.parked_for, 9) is not null
end
"""
_PARKED_STANDS = text(f"""
select {_PAUSE_OF_PARKED} from runs r left join journeys j on j.key = r.journey_key left join workspace w on w.id = 1
where r.id = :run
""")
# By the customer, of whom there are few: sends are not listed by their run.
_SKIP = text("""
update sends set status = 'skipped', reason = 'late', hold_until = null,
    inputs = sends.inputs || jsonb_build_object('reason', jsonb_build_object('code', 'late'))
from runs r
where r.id = :run and sends.customer_id = r.customer_id and sends.run_id = r.id and (
    sends.status = 'held' and sends.reason = any(cast(:pauses as text[]))
    or sends.status = 'failed' and sends.reason = any(cast(:faults as text[])))
""")
_GROUPS = text("""
select r.parked_for, r.journey_key, r.step, count(*) as runs, min(r.parked_at) as since, min(r.plan_hash) as plan_hash
from runs r where r.parked_at is not null and r.finished_at is null group by 1, 2, 3 order by 4 desc, 1, 2, 3 limit 500
""")


@dataclass(frozen=True)
class Parked:
    """That a run stands still: since when, and for what fault (``STEP:CAUSE``) where its step is paused for one."""

    at: datetime
    problem: str | None


@dataclass(frozen=True)
class ParkedGroup:
    """Runs at the same step that wait for the same pause: ``everything``, ``journey``, ``step:…``, ``channel:…``."""

    parked_for: str
    journey_key: str
    step: str | None
    runs: int
    since: datetime
    plan_hash: str

    @property
    def what(self) -> str:
        """The pause, by its name."""
        return f"journey:{self.journey_key}" if self.parked_for == "journey" else self.parked_for


async def park(engine: AsyncEngine, run: UUID, send: UUID) -> Parked | None:
    """Write down that a run stands still, and for which pause. None: it is over."""
    async with engine.begin() as db:
        row = (await db.execute(_PARK, {"run": run, "send": send})).one_or_none()
    return None if row is None else Parked(*row)


async def pause_stands(engine: AsyncEngine, run: UUID, send: UUID) -> bool:
    """Whether there still is a pause that a run has to wait for."""
    async with engine.connect() as db:
        return bool((await db.execute(_STANDS, {"run": run, "send": send})).scalar_one_or_none())


async def parked_pause_stands(engine: AsyncEngine, run: UUID) -> bool:
    """Whether what a parked run waits for is paused still."""
    async with engine.connect() as db:
        return bool((await db.execute(_PARKED_STANDS, {"run": run})).scalar_one_or_none())


async def unpark(engine: AsyncEngine, run: UUID, parked_at: datetime) -> None:
    """It goes on, unless it has been parked once more since."""
    async with engine.begin() as db:
        await db.execute(_UNPARK, {"run": run, "at": parked_at})


async def skip_late(engine: AsyncEngine, run: UUID) -> None:
    """What a run was about to send when it was parked is not sent."""
    async with engine.begin() as db:
        await db.execute(_SKIP, {"run": run, "pauses": sorted(PAUSES), "faults": sorted(FAULTS)})


async def group_parked(engine: AsyncEngine) -> Sequence[ParkedGroup]:
    """Who stands still, by pause, journey and step."""
    async with engine.connect() as db:
        return [ParkedGroup(*row) for row in await db.execute(_GROUPS)]
