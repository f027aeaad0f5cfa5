"""Runs whose customer turned out to be another: what they still have to hear of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_TO_TELL = text("""
select id, workflow_id, customer_id, ending, status from runs
where tell and finished_at is null order by id limit :limit
""")
_TOLD = text("update runs set tell = false where id = any(cast(:ids as uuid[]))")


@dataclass(frozen=True, slots=True)
class MergedRun:
    """A live run. ``customer``: whose it is now; ``ending``: why it is to end, None where it goes on; ``starting``:
    Temporal may not know it yet."""

    run: UUID
    workflow_id: str
    customer: UUID
    ending: str | None
    starting: bool


async def runs_to_tell(engine: AsyncEngine, limit: int = 200) -> list[MergedRun]:
    """Those that have not been told."""
    async with engine.connect() as db:
        rows = await db.execute(_TO_TELL, {"limit": limit})
        return [
            MergedRun(row.id, row.workflow_id, row.customer_id, row.ending, row.status == "starting") for row in rows
        ]


async def mark_told(engine: AsyncEngine, runs: Sequence[UUID]) -> None:
    """They have."""
    async with engine.begin() as db:
        await db.execute(_TOLD, {"ids": list(runs)})
