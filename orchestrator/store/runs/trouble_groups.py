"""Runs in trouble, by journey, step and cause: how many, since when, and one to look at."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.runs.trouble import JOURNEY_NOW, PROBLEM, PROBLEM_SINCE

_GROUPS = text(f"""
select t.journey_key, split_part(t.problem, ':', 1) as step, split_part(t.problem, ':', 2) as cause, count(*) as runs,
    min(t.since) as first_seen, max(t.seen) as last_seen, (array_agg(t.id order by t.since, t.id))[1:3] as sample,
    min(t.plan_hash) as plan_hash, t.paused_for
from (
    select r.id, r.journey_key, r.plan_hash, {PROBLEM} as problem, {PROBLEM_SINCE} as since,
        case when r.parked_for like 'step:%' then r.parked_for end as paused_for,
        case when r.problem is not null then coalesce(r.problem_at, r.entered_at) else {JOURNEY_NOW} end as seen
    from runs r where r.status in ('starting', 'running') and ({PROBLEM}) is not null
        and (cast(:journey as text) is null or r.journey_key = cast(:journey as text))
) t group by 1, 2, 3, 9 order by 4 desc, 1, 2, 3 limit 200
""")


@dataclass(frozen=True)
class TroubleGroup:
    """Runs that stand at the same step for the same reason. ``sample``: those who have stood there longest."""

    journey_key: str
    step: str
    cause: str
    runs: int
    first_seen: datetime
    last_seen: datetime
    sample: list[UUID]
    plan_hash: str
    paused_for: str | None
    """The pause that they wait for, where their step was paused for what is wrong (``step:welcome/hello``)."""

    @property
    def problem(self) -> str:
        """As a run keeps it."""
        return f"{self.step}:{self.cause}"


async def group_trouble(engine: AsyncEngine, journey: str | None = None) -> list[TroubleGroup]:
    """Every group, the largest first."""
    async with engine.connect() as db:
        return [TroubleGroup(*row) for row in await db.execute(_GROUPS, {"journey": journey})]
