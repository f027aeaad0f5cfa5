"""A system of which one store was restored begins held: nothing that is long past goes out before somebody decides."""

from datetime import datetime
from typing import Protocol

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.doctor.restored import Store, behind
from orchestrator.core.run.pause_reasons import RESTORED
from orchestrator.store.audit.chain import SYSTEM
from orchestrator.store.database import session_factory
from orchestrator.store.doctor.books import anybody_under_way
from orchestrator.store.operations.pauses import Fault, NothingToPause, pause
from orchestrator.store.paused import EVERYTHING
from orchestrator.store.sending.rounds import last_round

log = structlog.get_logger()


class Rounds(Protocol):
    """What Temporal remembers of rounds (``workflows.reconcile_sends.Rounds``)."""

    @property
    def known(self) -> bool:
        """Whether there are such rounds at all."""

    @property
    def last(self) -> datetime | None:
        """When the last one ended."""


async def hold_if_restored(engine: AsyncEngine, rounds: Rounds) -> Store | None:
    """Pause everything where the database and Temporal disagree about the last round; which of them is behind."""
    found = behind(await last_round(engine), rounds.last, known=rounds.known)
    if found is None or (not rounds.known and not await anybody_under_way(engine)):
        return None
    await hold(engine, found)
    log.warning("a store came back from an earlier time: everything is paused", behind=found)
    return found


async def hold(engine: AsyncEngine, store: Store) -> bool:
    """Pause everything, and say why. False: it was paused already."""
    try:
        async with session_factory(engine)() as session, session.begin():
            return await pause(session, EVERYTHING, SYSTEM, fault=Fault(RESTORED, {"code": f"{store}_restored"}))
    except NothingToPause:  # a workspace that was never begun
        return False
