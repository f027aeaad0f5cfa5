"""The activities of an operation: some of its list at a time, each item once, what became of it written down.

An item is written down after it was done. A worker that dies in between leaves it waiting, and it is done once more:
every act is harmless the second time (a run that is over stays so, what is not failing is not skipped).
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.service import RPCError

from activities.operations.act_on_run import Wanted, act_on_run
from activities.operations.move_run import MovedRuns, MoveOrder, move_run
from orchestrator.core.run.operations import BY_OPERATOR, STATUS_OF, Answer
from orchestrator.store.events.system_events import EVENTS_CHANNEL
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.operations.broadcasts.recall import has_sent
from orchestrator.store.operations.entries import decide_again, request_entry
from orchestrator.store.operations.progress import (
    NextItem,
    OperationRow,
    count_items,
    load_operation,
    next_items,
    note_item,
    settle,
    turn_operation,
)
from orchestrator.store.runs.trouble import StandingRun, find_run

log = structlog.get_logger()

AT_ONCE = 10
"""Items of one operation that are being asked at the same time."""


@dataclass(frozen=True)
class OperationActivities:
    """One for a worker."""

    engine: AsyncEngine
    runs: MovedRuns
    plans: Plans

    @activity.defn(name="carry_out_items")
    async def carry_out_items(self, given: dict[str, Any]) -> int:
        """Do the next ``most`` items of ``operation``; how many there were. 0: it is done, or was cancelled."""
        identity = UUID(given["operation"])
        operation = await load_operation(self.engine, identity)
        if operation is None or operation.status != "running" or operation.act == "broadcast":
            return 0
        items = await next_items(self.engine, identity, given["most"])
        for n in range(0, len(items), AT_ONCE):
            await asyncio.gather(*(self._item(operation, item) for item in items[n : n + AT_ONCE]))
            activity.heartbeat(n)
        return len(items)

    @activity.defn(name="settle_items")
    async def settle_items(self, given: dict[str, Any]) -> int:
        """Look what the runs have done of what they were asked; how many have not yet. Where nothing is left, or it is
        the ``last`` look, the operation is done."""
        identity = UUID(given["operation"])
        await settle(self.engine, identity)
        counts = await count_items(self.engine, identity)
        asked = counts.get("asked", 0)
        if not counts.get("waiting") and (not asked or given["last"]):
            async with self.engine.begin() as db:
                await turn_operation(db, identity, "done")
        return asked

    async def _item(self, operation: OperationRow, item: NextItem) -> None:
        """One item. What is wrong with it keeps no other; only that everybody is away ends the attempt."""
        seen: datetime | None = None
        try:
            if operation.act == "enter":
                answer: str = await decide_again(self.engine, item.subject, EVENTS_CHANNEL)
            elif operation.act == "admit":
                answer = await request_entry(self.engine, item.given or {})
            else:
                run = await find_run(self.engine, item.subject)
                seen = run.problem_at if run else None
                answer = await self._act(operation, item, run)
        except (RPCError, DBAPIError, OSError):
            raise
        except Exception as error:
            log.error("an item of an operation failed", operation=str(operation.id), exc_info=error)
            answer = type(error).__name__
        status = STATUS_OF.get(answer, "failed")
        await note_item(self.engine, operation.id, item.subject, status, answer, seen)

    async def _act(self, operation: OperationRow, item: NextItem, run: StandingRun | None) -> Answer:
        if run is None:
            return "unknown"
        reason = operation.chosen.get("reason", BY_OPERATOR)
        if run.status == "finished":
            return "ended" if operation.act == "end" and run.reason == reason else "finished"
        if "entered_by" in operation.chosen and await has_sent(self.engine, run.id):
            return "reached"
        if operation.act in ("retry", "skip") and not run.problem:
            return "freed" if item.tried else "well"
        if operation.act == "skip" and run.step != item.step:
            return "freed" if item.tried else "moved_on"
        late = operation.chosen.get("late", "now")
        if operation.act == "release" and run.parked_at is None and item.tried:
            return "freed"
        if operation.act == "move":
            order = MoveOrder.of(operation.id, operation.chosen)
            return await move_run(self.engine, self.plans, self.runs, run, order, tried=item.tried)
        wanted = Wanted(operation.act, operation.made_by, reason=reason, late=late)
        return await act_on_run(self.engine, self.runs, run, wanted)
