"""A run that comes due while something is paused stands still: no timer, no asking, until somebody resumes it.

It is written down as parked first, and looked at once more whether the pause still stands then. Whoever resumes ends
the pause first and looks for parked runs then. So one of the two sees the other, and nobody is left standing.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.sending.contract import DeliverInput, DeliverResult
from orchestrator.core.events.ids import send_id
from orchestrator.core.sending.reasons import PAUSES
from orchestrator.store.runs.parking import park, pause_stands, unpark


@dataclass(frozen=True, slots=True)
class Resumed:
    """The pause ended meanwhile, and the message is to be decided again."""


async def as_parked(engine: AsyncEngine, given: DeliverInput, result: DeliverResult) -> DeliverResult | Resumed:
    """What the run is told: that it stands still, where it is to and can; else the result as it is."""
    if not (given.parks and result.outcome == "held" and result.reason in PAUSES):
        return result
    run, send = UUID(given.run), send_id(UUID(given.run), given.step, given.occurrence)
    parked = await park(engine, run, send)
    if parked is not None and not await pause_stands(engine, run, send):
        await unpark(engine, run, parked.at)
        return Resumed()
    return DeliverResult("parked", result.reason, problem=(parked.problem if parked else None) or "")
