"""A run that comes due while something is paused stands still: no timer, no asking, until somebody resumes it.

It is written down as parked first, and looked at once more whether the pause still stands then. Whoever resumes ends
the pause first and looks for parked runs then. So one of the two sees the other, and nobody is left standing.
"""

from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.sending.contract import DeliverInput, DeliverResult
from orchestrator.core.events.ids import send_id
from orchestrator.core.sending.reasons import PAUSES
from orchestrator.store.runs.parking import park, pause_stands, unpark


def _waits(given: DeliverInput, result: DeliverResult) -> bool:
    return given.parks and result.outcome == "held" and result.reason in PAUSES


async def parks(engine: AsyncEngine, given: DeliverInput, result: DeliverResult) -> Literal["parked", "resumed", "no"]:
    """Whether the run is parked now. ``resumed``: the pause ended meanwhile, and the message is to be decided again."""
    if not _waits(given, result):
        return "no"
    run, send = UUID(given.run), send_id(UUID(given.run), given.step, given.occurrence)
    parked_at = await park(engine, run, send)
    if parked_at is None or await pause_stands(engine, run, send):
        return "parked"
    await unpark(engine, run, parked_at)
    return "resumed"


def as_parked(given: DeliverInput, result: DeliverResult) -> DeliverResult:
    """What the run is told."""
    return DeliverResult("parked", result.reason) if _waits(given, result) else result
