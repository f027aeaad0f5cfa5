"""An operator's word to one run, by page, API and command line alike: found, carried out, and kept in the audit log."""

from collections.abc import Awaitable, Callable
from typing import Literal, Protocol
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.operations.act_on_run import Runs as AskedRuns
from activities.operations.act_on_run import Wanted, act_on_run
from orchestrator.core.run.operations import BY_OPERATOR, Answer
from orchestrator.store.audit.chain import By, Change, record_alone
from orchestrator.store.runs.trouble import find_run
from workflows.client import Runs

log = structlog.get_logger()

OneAct = Literal["retry", "skip", "end"]


class RunsClient(Protocol):
    """Gives the client of runs; may raise while Temporal is away."""

    async def __call__(self) -> Runs: ...


async def operate(
    engine: AsyncEngine,
    runs: Callable[[], Awaitable[AskedRuns]],
    run: UUID,
    act: OneAct,
    by: By,
    *,
    force: bool = False,
    why: str = "",
) -> Answer:
    """Carry out one act.

    Args:
        by: Who asks; kept in the audit log and, where the run is closed by us, in its trace.
        force: Of ``end``: do not wait for the run's worker, terminate it.
        why: In the words of who asks.
    """
    found = await find_run(engine, run)
    if found is None:
        return "unknown"
    if found.status == "finished":
        return "finished"
    answer = await act_on_run(engine, await runs(), found, Wanted(act, by.who, force=force))
    log.info("an operator acts on a run", run=str(run), act=act, by=by.who, force=force, answer=answer)
    before = {"step": found.step, "problem": found.problem}
    await record_alone(engine, by, Change(f"run.{act}", str(run), before, {"answer": answer}, why))
    return answer


__all__ = ["BY_OPERATOR", "Answer", "OneAct", "RunsClient", "operate"]
