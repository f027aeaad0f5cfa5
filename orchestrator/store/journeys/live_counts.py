"""Journeys in figures: who is where, how many came and went. For lists, for the picture of a journey, for live updates.

Counting by step reads the index ``transitions_journey_step`` alone, and the answer is small: steps times ports.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.runs.trouble import PROBLEM

_BY_STAGE = text(f"""
select journey_key, status = 'finished' as over, coalesce(stage, '') as stage, count(*) as runs,
    count({PROBLEM}) as troubled
from runs r where journey_key = any(cast(:keys as text[])) group by 1, 2, 3
""")
_JOURNEY = text("""
select j.key, j.name, j.status, j.live_version, j.draft, j.updated_at, v.plan_hash, v.published_at
from journeys j left join journey_versions v on v.journey_key = j.key and v.version = j.live_version
where j.key = :key
""")
_HERE = text(f"""
select step, count(*) as runs, count({PROBLEM}) as troubled
from runs r where journey_key = :key and status in ('starting', 'running') group by step
""")
_PASSAGES = text("""
select step, what, port, count(*) as times from transitions where journey_key = :key group by 1, 2, 3
""")
_RUNS = text("""
select count(*) as entered, count(*) filter (where status = 'finished') as finished from runs where journey_key = :key
""")
_GOALS = text("""
with reached as (
    select port, run_id, coalesce(note ->> 'currency', '') as currency,
        case when jsonb_typeof(note -> 'value') = 'number' then cast(note ->> 'value' as numeric) end as value
    from transitions where journey_key = :key and what = 'goal'
), worth as (
    select port, jsonb_object_agg(currency, total) as by_currency from (
        select port, currency, sum(value) as total from reached where value is not null group by 1, 2
    ) sums group by port
)
select r.port as goal, count(*) as times, count(distinct r.run_id) as runs, coalesce(w.by_currency, '{}') as worth
from reached r left join worth w on w.port = r.port group by r.port, w.by_currency order by r.port
""")
_ENDS = text("""
select reason, count(*) as runs from runs where journey_key = :key and status = 'finished'
group by reason order by 2 desc limit 12
""")
_SENDS = text("""
select step, status, count(*) as sends from sends where journey_key = :key group by 1, 2
""")


@dataclass
class JourneyFigures:
    """Of one journey in a list. ``stages``: live runs by the stage they stand in."""

    live: int = 0
    finished: int = 0
    troubled: int = 0
    stages: dict[str, int] = field(default_factory=dict)

    @property
    def entered(self) -> int:
        """All runs there ever were."""
        return self.live + self.finished


@dataclass
class StepFigures:
    """One step: runs that stand here now, entries, departures (also by port), and what became of its messages."""

    here: int = 0
    troubled: int = 0
    entered: int = 0
    left: int = 0
    ended: int = 0
    """Of those who left, whose run ended here."""
    ports: dict[str, int] = field(default_factory=dict)
    sends: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class GoalFigures:
    """One goal: how often it was reached, by how many runs, and the sum of its values in each currency (empty: none
    was given). Sums of two currencies are no one sum."""

    goal: str
    times: int
    runs: int
    worth: Mapping[str, float]

    @property
    def value(self) -> float | None:
        """The sum, where there is one currency."""
        return next(iter(self.worth.values())) if len(self.worth) == 1 else None

    @property
    def currency(self) -> str | None:
        """Its currency; None where there are several, or none was given."""
        return next(iter(self.worth)) or None if len(self.worth) == 1 else None


@dataclass(frozen=True)
class JourneyDetail:
    """One journey with its figures by step. ``plan_hash`` is empty before anything was published."""

    key: str
    name: dict[str, str]
    status: str
    version: int | None
    draft: dict[str, Any]
    plan_hash: str | None
    published_at: datetime | None


async def load_figures(engine: AsyncEngine, keys: Collection[str]) -> dict[str, JourneyFigures]:
    """Of these journeys, by key: how many are in each, and in which stage. Reads the runs of these alone."""
    found = {key: JourneyFigures() for key in keys}
    async with engine.connect() as db:
        for row in await db.execute(_BY_STAGE, {"keys": list(keys)}):
            journey = found[row.journey_key]
            if row.over:
                journey.finished += row.runs
            else:
                journey.live += row.runs
                journey.troubled += row.troubled
                journey.stages[row.stage] = journey.stages.get(row.stage, 0) + row.runs
    return found


async def load_journey(engine: AsyncEngine, key: str) -> JourneyDetail | None:
    """One journey, or None."""
    async with engine.connect() as db:
        row = (await db.execute(_JOURNEY, {"key": key})).one_or_none()
    if row is None:
        return None
    return JourneyDetail(row.key, row.name, row.status, row.live_version, row.draft, row.plan_hash, row.published_at)


@dataclass(frozen=True)
class Flow:
    """A journey's figures: of all its runs, and by step."""

    entered: int
    finished: int
    steps: Mapping[str, StepFigures]

    @property
    def live(self) -> int:
        return self.entered - self.finished


async def load_flow(engine: AsyncEngine, key: str) -> Flow:
    """Who is where in one journey, all versions together."""
    steps: dict[str, StepFigures] = defaultdict(StepFigures)
    async with engine.connect() as db:
        totals = (await db.execute(_RUNS, {"key": key})).one()
        for row in await db.execute(_HERE, {"key": key}):
            steps[row.step or ""].here = row.runs
            steps[row.step or ""].troubled = row.troubled
        for row in await db.execute(_PASSAGES, {"key": key}):
            if row.what != "moved" or row.port != row.step:  # else they are there still
                _count(steps[row.step], row.what, row.port, row.times)
        for row in await db.execute(_SENDS, {"key": key}):
            steps[row.step].sends[row.status] = row.sends
    return Flow(totals.entered, totals.finished, steps)


def _count(step: StepFigures, what: str, port: str, times: int) -> None:
    if what == "entered":
        step.entered += times
    elif what == "left":
        step.left += times
        step.ports[port] = step.ports.get(port, 0) + times
    elif what == "moved":
        step.left += times
    elif what == "ended":
        step.left += times
        step.ended += times


async def load_goals(engine: AsyncEngine, key: str) -> list[GoalFigures]:
    """What a journey's goals brought."""
    async with engine.connect() as db:
        rows = await db.execute(_GOALS, {"key": key})
        return [
            GoalFigures(r.goal, r.times, r.runs, {name: float(total) for name, total in r.worth.items()}) for r in rows
        ]


async def load_ends(engine: AsyncEngine, key: str) -> list[tuple[str, int]]:
    """For what reasons runs ended, the most frequent first."""
    async with engine.connect() as db:
        return [(row.reason or "", row.runs) for row in await db.execute(_ENDS, {"key": key})]
