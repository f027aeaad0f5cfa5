"""One act on one run, whoever wants it: a page, a program, the command line, an operation on thousands.

The run is asked by a signal, which it takes up when its worker does: what was asked is not done yet. A run that
Temporal does not know is offered its entry event again where our books have it as starting (as they do until its first
step is done, so it may as well be at work), and closed in our own books where it is to end.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.run.operations import BY_OPERATOR, Act, Answer
from orchestrator.core.run.trouble import is_of_message
from orchestrator.store.events.system_events import EVENTS_CHANNEL
from orchestrator.store.runs.parking import parked_pause_stands, skip_late, unpark
from orchestrator.store.runs.trouble import StandingRun, close_run, offer_entry_again
from orchestrator.store.workspace import read_clock


class Runs(Protocol):
    """Speaks to runs on Temporal; False where it does not know them (``workflows.client.Runs``)."""

    async def retry(self, workflow_id: str) -> bool:
        """Try again now what failed."""

    async def skip(self, workflow_id: str) -> bool:
        """Give up the message that fails."""

    async def release(self, workflow_id: str, late: str) -> bool:
        """Let a parked run go on."""

    async def eject(self, workflow_id: str, reason: str) -> bool:
        """End the run."""

    async def terminate(self, workflow_id: str, reason: str) -> bool:
        """End it without its worker."""


@dataclass(frozen=True)
class Wanted:
    """What is to be done. ``by``: who asks, kept in the trace of a run that we close; ``force``: of ``end``, without
    the run's worker; ``reason``: of ``end``, what the run is to have ended for; ``late``: of ``release``, what becomes
    of the message that it was about to send."""

    act: Act
    by: str
    force: bool = False
    reason: str = BY_OPERATOR
    late: str = "now"


async def act_on_run(engine: AsyncEngine, runs: Runs, run: StandingRun, wanted: Wanted) -> Answer:
    """Carry it out on a run that is not over. Raises ``RPCError`` while Temporal is away."""
    match wanted.act:
        case "retry":
            return "paused" if run.parked_at else await _retry(engine, runs, run)
        case "skip":
            if not run.problem or not is_of_message(run.problem):
                return "nothing_to_skip"
            if run.parked_at is not None:
                return await _let_go(engine, runs, run, run.parked_at, "skip")
            return "asked" if await runs.skip(run.workflow_id) else "gone"
        case "release":
            return await _release(engine, runs, run, wanted)
        case "end":
            return await _end(engine, runs, run, wanted)
        case _:
            raise ValueError(wanted.act)


async def _retry(engine: AsyncEngine, runs: Runs, run: StandingRun) -> Answer:
    if await runs.retry(run.workflow_id):
        return "asked"
    if run.status != "starting":
        return "gone"
    await offer_entry_again(engine, run, EVENTS_CHANNEL)
    return "asked"


async def _release(engine: AsyncEngine, runs: Runs, run: StandingRun, wanted: Wanted) -> Answer:
    if run.parked_at is None:
        return "well"
    # Paused again since, for a fault that is there still: let go, it would come to stand here once more.
    if wanted.late == "now" and await parked_pause_stands(engine, run.id):
        return "paused"
    return await _let_go(engine, runs, run, run.parked_at, wanted.late)


async def _let_go(engine: AsyncEngine, runs: Runs, run: StandingRun, parked_at: datetime, late: str) -> Answer:
    if late == "skip":
        await skip_late(engine, run.id)
    if not await runs.release(run.workflow_id, late):
        return "gone"
    await unpark(engine, run.id, parked_at)
    return "freed"


async def _end(engine: AsyncEngine, runs: Runs, run: StandingRun, wanted: Wanted) -> Answer:
    if wanted.force:
        await runs.terminate(run.workflow_id, wanted.reason)
    elif await runs.eject(run.workflow_id, wanted.reason):
        return "asked"
    async with engine.connect() as db:
        now = (await read_clock(db)).now()
    await close_run(engine, run.id, wanted.reason, wanted.by, now)
    return "ended"
