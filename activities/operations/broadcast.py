"""The activity of a broadcast: it is prepared, and then a turn takes those whose turn it is, until nobody is left.

What a turn did is in the store before it answers. A worker that dies, or whose answer is lost, is followed by one that
finds what was done and goes on from there.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from orchestrator.core.run.broadcasts import Broadcast
from orchestrator.core.timing import Clock
from orchestrator.store.operations.broadcasts.audience import prepare
from orchestrator.store.operations.broadcasts.turns import LONGEST_WAIT, standing, take_turns
from orchestrator.store.operations.progress import OperationRow, load_operation, settle, turn_operation
from orchestrator.store.workspace import read_clock

log = structlog.get_logger()
ALIVE = 5.0
"""Seconds between two signs of life while an audience is written down."""


@dataclass(frozen=True)
class BroadcastActivities:
    """One for a worker."""

    engine: AsyncEngine

    @activity.defn(name="carry_out_broadcast")
    async def carry_out_broadcast(self, given: dict[str, Any]) -> dict[str, Any]:
        """One turn of ``operation``: ``most`` customers at most. ``done``: how many it took; ``wait``: seconds until
        there may be more; ``over``: it is done, was stopped, or waits for somebody's word."""
        operation = await load_operation(self.engine, UUID(given["operation"]))
        if operation is None or operation.status != "running":
            return _told(over=True)
        async with self.engine.connect() as db:
            clock = await read_clock(db)
        if not operation.chosen.get("prepared"):
            return await self._prepare(operation, clock)
        await settle(self.engine, operation.id)
        async with self.engine.begin() as db:
            taken = await take_turns(db, operation.id, given["most"], clock.now())
        if taken is None:
            return _told(over=True)
        if taken.count:
            return _told(done=taken.count)
        return _wait(clock, taken.due) if taken.due is not None else await self._nobody(operation)

    async def _prepare(self, operation: OperationRow, clock: Clock) -> dict[str, Any]:
        start, now = Broadcast.of(operation.chosen).start_at, clock.now()
        if start is not None and start > now:
            return _wait(clock, start)
        async with _alive(), self.engine.begin() as db:
            total = await prepare(db, operation.id, now)
        log.info("a broadcast is prepared", operation=str(operation.id), customers=total)
        return _told(wait=0.05)

    async def _nobody(self, operation: OperationRow) -> dict[str, Any]:
        """Nobody's turn will come by itself: what was asked is waited for, then it is over."""
        async with self.engine.begin() as db:
            found = await standing(db, operation.id)
            if found.asked and found.lately:
                return _told(wait=1)
            await turn_operation(db, operation.id, "cancelled" if found.waiting else "done")
        return _told(over=True)


@contextlib.asynccontextmanager
async def _alive() -> AsyncIterator[None]:
    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(ALIVE)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()


def _wait(clock: Clock, until: datetime) -> dict[str, Any]:
    left = min(clock.wait(until - clock.now()), LONGEST_WAIT)
    return _told(wait=max(left.total_seconds(), 0.05))


def _told(*, done: int = 0, wait: float = 0.0, over: bool = False) -> dict[str, Any]:
    return {"done": done, "wait": wait, "over": over}
