"""Runs as a list: of a journey, at a step, in trouble, waiting for what until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.pagination import Page, cursor, read_cursor

_COLUMNS = """
select r.id, r.workflow_id, r.journey_key, r.version, r.plan_hash, r.customer_id, r.key, r.status, r.step, r.stage,
    r.waiting_until, r.problem, r.entered_at, r.finished_at, r.reason, c.external_id, c.attributes ->> 'name' as name,
    c.email
from runs r left join customers c on c.id = r.customer_id
"""
_CONDITIONS = {
    "journey": "r.journey_key = :journey",
    "step": "r.step = :step",
    "customer": "r.customer_id = :customer",
    "live": "r.status in ('starting', 'running')",
    "finished": "r.status = 'finished'",
    "problem": "r.problem is not null and r.status <> 'finished'",
}


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
    """Runs, the newest entry first. ``status``: ``live``, ``finished``, ``problem`` or all."""
    given: dict[str, Any] = {"journey": journey, "step": step, "customer": customer}
    wanted = [_CONDITIONS[name] for name, value in given.items() if value is not None]
    if status in ("live", "finished", "problem"):
        wanted.append(_CONDITIONS[status])
    at, identity = read_cursor(before)
    wanted.append("(r.entered_at, r.id) < (:at, :id)")
    query = text(f"{_COLUMNS} where {' and '.join(wanted)} order by r.entered_at desc, r.id desc limit :limit")
    values = {name: value for name, value in given.items() if value is not None}
    async with engine.connect() as db:
        rows = await db.execute(query, {**values, "at": at, "id": identity, "limit": limit + 1})
        found = [RunRow(*row) for row in rows]
    more = cursor(found[limit - 1].entered_at, found[limit - 1].id) if len(found) > limit else None
    return Page(found[:limit], more)


async def plans_of_runs(engine: AsyncEngine, runs: Sequence[UUID]) -> dict[UUID, str]:
    """Which plan each of these runs follows."""
    query = text("select id, plan_hash from runs where id = any(:runs)")
    async with engine.connect() as db:
        return {row.id: row.plan_hash for row in await db.execute(query, {"runs": list(set(runs))})}
