"""Resuming: what will happen first, then the pause's end, then those who stood still, at a pace."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from api.operations.begin import NobodyChosen, Order, Refused, begin, let_in
from api.runs.operate import RunsClient
from orchestrator.store.audit.chain import By
from orchestrator.store.database import session_factory
from orchestrator.store.operations.choice import Choice, count_refused
from orchestrator.store.operations.pauses import Pause, end_pause, find_pause
from orchestrator.store.runs.parking import ParkedGroup, group_parked

Late = Literal["now", "skip"]


@dataclass(frozen=True)
class Forecast:
    """What resuming would do: who stands still and where, and how many were not let in. ``pause``: None where it is
    over, and some stand still all the same."""

    what: str
    pause: Pause | None
    parked: Sequence[ParkedGroup]
    refused: int

    @property
    def runs(self) -> int:
        """Of all steps."""
        return sum(one.runs for one in self.parked)


@dataclass(frozen=True)
class Resumption:
    """How it is to be resumed. ``late``: what becomes of messages that came due meanwhile."""

    what: str
    late: Late = "now"
    enter: bool = True
    per_second: float = 20.0
    why: str = ""


async def foresee(engine: AsyncEngine, what: str) -> Forecast:
    """Before anything is resumed."""
    pause = await find_pause(engine, what)
    parked = [one for one in await group_parked(engine) if one.what == what]
    refused = 0
    if pause is not None and pause.kind in ("everything", "journey"):
        refused = await count_refused(engine, pause.at, pause.name or None)
    return Forecast(what, pause, parked, refused)


async def resume(engine: AsyncEngine, runs: RunsClient, wanted: Resumption, by: By) -> list[UUID]:
    """End the pause and let those go who wait for it; the operations that do so.

    Raises :class:`~orchestrator.store.operations.pauses.NothingToPause`, and what is raised while Temporal is away,
    before anything is changed.
    """
    before = await foresee(engine, wanted.what)
    if before.parked or before.refused or wanted.what.startswith("step:"):
        await runs()
    async with session_factory(engine)() as session, session.begin():
        await end_pause(session, wanted.what, by, wanted.why)
    begun: list[UUID] = []
    order = Order("release", Choice.waiting_for(wanted.what), wanted.why, wanted.per_second, more={"late": wanted.late})
    with suppress(NobodyChosen):
        begun.append(await begin(engine, runs, order, by))
    if failing := Choice.failing_at(wanted.what):
        again = Order("retry" if wanted.late == "now" else "skip", failing, wanted.why, wanted.per_second)
        with suppress(NobodyChosen):
            begun.append(await begin(engine, runs, again, by))
    if wanted.enter and before.pause is not None and before.refused:
        entered = await let_in(engine, runs, Refused(before.pause.at, before.pause.journey), order, by)
        begun += [entered] if entered else []
    return begun
