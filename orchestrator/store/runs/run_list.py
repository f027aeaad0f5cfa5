"""Runs as a list: of a journey, at a step, in trouble, waiting for what until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.pagination import Listing, Page
from orchestrator.store.runs.trouble import PROBLEM

_SELECT = f"""
select r.id, r.workflow_id, r.journey_key, r.version, r.plan_hash, r.customer_id, r.key, r.status, r.step, r.stage,
    r.waiting_until, {PROBLEM} as problem,
    r.entered_at, r.finished_at, r.reason, c.external_id, c.attributes ->> 'name' as name,
    c.email, case when r.finished_at is null then r.parked_for end as parked_for
from runs r left join customers c on c.id = r.customer_id
"""
# However many there are, a count that says "very many" is as good: nobody waits for it.
_TROUBLED = text(f"""
select journey_key, count(*) as runs from (
    select r.journey_key from runs r where r.status in ('starting', 'running') and ({PROBLEM}) is not null limit :most
) as troubled group by 1 order by 2 desc, 1
""")
_PLANS = text("select id, plan_hash from runs where id = any(:runs)")
_EXECUTION = text("select workflow_id, closing_run_id from runs where id = :id")
_CONDITIONS = {
    "journey": "r.journey_key = :journey",
    "step": "r.step = :step",
    "customer": "r.customer_id = :customer",
    "live": "r.status in ('starting', 'running')",
    "finished": "r.status = 'finished'",
    "problem": f"({PROBLEM}) is not null",
    "parked": "r.parked_at is not null and r.finished_at is null",
}


@dataclass(frozen=True)
class Execution:
    """A run in Temporal. ``closing_run_id``: of the execution that ended it."""

    workflow_id: str
    closing_run_id: str | None


@dataclass(frozen=True)
class RunRow:
    """One run, with what is needed to name its customer."""

    id: UUID
    workflow_id: str
    journey_key: str
    version: int
    plan_hash: str
    customer_id: UUID
    key: str
    status: str
    step: str | None
    stage: str | None
    waiting_until: datetime | None
    problem: str | None
    entered_at: datetime
    finished_at: datetime | None
    reason: str | None
    external_id: str | None
    name: str | None
    email: str | None
    parked_for: str | None = None
    """What is paused, of a run that stands still for it."""


_RUNS = Listing(_SELECT, RunRow, at="r.entered_at", id="r.id", conditions=_CONDITIONS)


async def count_troubled(engine: AsyncEngine, most: int = 1000) -> dict[str, int]:
    """Runs under way with a problem, by journey, where there are any; no more than ``most`` are counted."""
    async with engine.connect() as db:
        return {row.journey_key: row.runs for row in await db.execute(_TROUBLED, {"most": most})}


async def list_runs(
    engine: AsyncEngine,
    *,
    journey: str | None = None,
    step: str | None = None,
    customer: UUID | None = None,
    status: str = "",
    before: str | None = None,
    limit: int = 50,
) -> Page[RunRow]:
    """Runs, the newest entry first. ``status``: ``live``, ``finished``, ``problem``, ``parked`` or all."""
    wanted: dict[str, Any] = {"journey": journey, "step": step, "customer": customer}
    if status in ("live", "finished", "problem", "parked"):
        wanted[status] = True
    return await _RUNS.page(engine, wanted, before, limit)


async def plans_of_runs(engine: AsyncEngine, runs: Sequence[UUID]) -> dict[UUID, str]:
    """Which plan each of these runs follows."""
    async with engine.connect() as db:
        return {row.id: row.plan_hash for row in await db.execute(_PLANS, {"runs": list(set(runs))})}


async def load_execution(engine: AsyncEngine, run: UUID) -> Execution | None:
    """Where Temporal has a run; None: there is no such run."""
    async with engine.connect() as db:
        row = (await db.execute(_EXECUTION, {"id": run})).one_or_none()
    return None if row is None else Execution(row.workflow_id, row.closing_run_id)
