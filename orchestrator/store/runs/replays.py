"""Runs to be replayed: which they are, and the trace that each has written."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.commands import Transition

_COLUMNS = "id, workflow_id, customer_id, plan_hash, journey_key"
_BY_ID = text(f"select {_COLUMNS} from runs where id = cast(:id as uuid)")
_BY_WORKFLOW = text(f"select {_COLUMNS} from runs where workflow_id = :id and finished_at is null")
_LIVE_FROM = text(f"""
select {_COLUMNS} from runs where id >= :from and finished_at is null and status = 'running' order by id limit :most
""")
_LINES = text("select seq, at, what, step, occurrence, port, note from transitions where run_id = :id order by seq")


@dataclass(frozen=True)
class ReplayedRun:
    """A run, by what replaying it needs."""

    id: UUID
    workflow_id: str
    customer_id: UUID
    plan_hash: str
    journey_key: str


async def find_run(engine: AsyncEngine, wanted: str) -> ReplayedRun | None:
    """By its id, or (while it is under way) by its workflow's."""
    async with engine.connect() as db:
        try:
            row = (await db.execute(_BY_ID, {"id": UUID(wanted)})).one_or_none()
        except ValueError:
            row = (await db.execute(_BY_WORKFLOW, {"id": wanted})).one_or_none()
    return None if row is None else ReplayedRun(*row)


async def sample_live(engine: AsyncEngine, most: int) -> list[ReplayedRun]:
    """So many runs under way, from a random place on: their ids are hashes, so neighbours have nothing in common."""
    start = uuid4()
    async with engine.connect() as db:
        rows = list(await db.execute(_LIVE_FROM, {"from": start, "most": most}))
        if len(rows) < most:
            first = await db.execute(_LIVE_FROM, {"from": UUID(int=0), "most": most - len(rows)})
            rows += [row for row in first if row.id < start]
    return [ReplayedRun(*row) for row in rows]


async def load_written(engine: AsyncEngine, run: UUID) -> Sequence[Transition]:
    """Every line of a run's trace."""
    async with engine.connect() as db:
        return [Transition(*row) for row in await db.execute(_LINES, {"id": run})]
