"""Tells runs that their customer was merged: of two of one journey one ends, and who goes on shows whose they are."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.runs.runs_to_tell import MergedRun, mark_told, runs_to_tell

log = structlog.get_logger()


class MergeListeners(Protocol):
    """The runs on Temporal, as far as merges concern them."""

    async def eject(self, workflow_id: str, reason: str, /) -> bool:
        """End a run; False where Temporal does not know it."""

    async def change_customer(self, workflow_id: str, customer: UUID, at: datetime, /) -> bool:
        """Whose a run is from now on; False where Temporal does not know it."""


async def tell_merged_runs(
    engine: AsyncEngine, runs: MergeListeners, now: datetime, ours: Callable[[UUID], bool] = lambda _: True
) -> int:
    """Tell whoever has not been told; how many were. One that has still to start is told once it has, and one that
    cannot be told now the next time. ``ours``: whose runs are told. Raises what the database raises."""
    told: list[UUID] = []
    for one in filter(lambda run: ours(run.customer), await runs_to_tell(engine)):
        try:
            if await _tell(runs, one, now) or not one.starting:
                told.append(one.run)
        except Exception as error:  # one run must not keep the others from hearing, nor events from being routed
            log.warning("run not told of a merge yet", run=str(one.run), error=type(error).__name__)
    if told:
        await mark_told(engine, told)
    return len(told)


async def _tell(runs: MergeListeners, one: MergedRun, now: datetime) -> bool:
    if one.ending is not None:
        return await runs.eject(one.workflow_id, one.ending)
    return await runs.change_customer(one.workflow_id, one.customer, now)
