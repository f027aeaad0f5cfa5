"""An operator's word to one run, by page, API and command line alike.

The run is asked by a signal, which it takes up when its worker does: what was asked is not done yet. A run that
Temporal does not know is offered its entry event again where our books have it as starting (as they do until its first
step is done, so it may as well be at work), and closed in our own books where it is to end.
"""

from typing import Literal, Protocol
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.run.trouble import is_of_message
from orchestrator.store.events.system_events import EVENTS_CHANNEL
from orchestrator.store.runs.trouble import StandingRun, close_run, find_run, offer_entry_again
from orchestrator.store.workspace import read_clock
from workflows.client import Runs

log = structlog.get_logger()

Act = Literal["retry", "skip", "end"]
Answer = Literal["asked", "ended", "unknown", "finished", "gone", "nothing_to_skip"]
"""``asked``: the run will do it; ``ended``: it is over already; else why nothing was done."""
BY_OPERATOR = "operator"
"""Reason of a run that an operator ended."""


class RunsClient(Protocol):
    """Gives the client of runs; may raise while Temporal is away."""

    async def __call__(self) -> Runs: ...


async def operate(
    engine: AsyncEngine, runs: RunsClient, run: UUID, act: Act, by: str, *, force: bool = False
) -> Answer:
    """Carry out one act.

    Args:
        by: Who asks; kept in the log and, where the run is closed by us, in its trace.
        force: Of ``end``: do not wait for the run's worker, terminate it.
    """
    found = await find_run(engine, run)
    if found is None:
        return "unknown"
    if found.status == "finished":
        return "finished"
    answer = await _carry_out(engine, runs, found, act, by, force)
    log.info("an operator acts on a run", run=str(run), act=act, by=by, force=force, answer=answer)
    return answer


async def _carry_out(engine: AsyncEngine, runs: RunsClient, run: StandingRun, act: Act, by: str, force: bool) -> Answer:
    client = await runs()
    if act == "retry":
        if await client.retry(run.workflow_id):
            return "asked"
        if run.status != "starting":
            return "gone"
        await offer_entry_again(engine, run, EVENTS_CHANNEL)
        return "asked"
    if act == "skip":
        if not run.problem or not is_of_message(run.problem):
            return "nothing_to_skip"
        return "asked" if await client.skip(run.workflow_id) else "gone"
    if force:
        await client.terminate(run.workflow_id, BY_OPERATOR)
    elif await client.eject(run.workflow_id, BY_OPERATOR):
        return "asked"
    async with engine.connect() as db:
        now = (await read_clock(db)).now()
    await close_run(engine, run.id, BY_OPERATOR, by, now)
    return "ended"
