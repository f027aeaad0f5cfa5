"""What is wrong with a message by its definition; and when that stops its step, so that it is met once and not by each.

How far a fault reaches is known in some places, and found out in others. That a template is archived, that its text is
no template, that a provider is not set up: everybody's message fails of that. What a provider refuses in one message
may lie in the values of one customer: a step is paused for it once a second customer met it, and nobody's message went
out from there in between. A plan that a worker cannot read is the worker's fault, and passes with its update.
"""

from typing import Literal
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.exceptions import ApplicationError

from activities.channels.contract import DefinitionError, Misconfigured
from activities.sending.contract import DeliverInput
from orchestrator.core.run.trouble import DEFINITION, problem_at
from orchestrator.core.sending.decision import Reason
from orchestrator.store.audit.chain import SYSTEM
from orchestrator.store.database import session_factory
from orchestrator.store.operations.mending import basis_of
from orchestrator.store.operations.pauses import Fault, pause
from orchestrator.store.paused import step_at
from orchestrator.store.runs.trouble import fails_for_another
from orchestrator.store.templates.source import load_live

Reach = Literal["everybody", "perhaps", "worker"]


class DefinitionFault(ApplicationError):
    """A message is not sent before somebody has put something right. The text holds no personal data."""

    def __init__(self, what: str, reason: Reason, reach: Reach) -> None:
        super().__init__(what, type=DEFINITION, non_retryable=True)
        self.reason, self.reach = reason, reach


def wrong(what: str, reach: Reach = "perhaps", reason: Reason | None = None) -> DefinitionFault:
    """Such a fault, told by ``what`` where there is no better reason."""
    return DefinitionFault(what, reason or Reason("definition_error", {"detail": what}), reach)


def reach_of(error: DefinitionError) -> Reach:
    """Of what a provider says."""
    return "everybody" if isinstance(error, Misconfigured) else "perhaps"


async def stops_its_step(engine: AsyncEngine, given: DeliverInput, fault: DefinitionFault) -> bool:
    """Whether the step is paused for it, by this call or before."""
    journey = await fails_for_another(engine, UUID(given.run), problem_at(given.step, DEFINITION))
    if await _mended(engine, fault.reason):
        return False
    if journey is None or fault.reach == "worker" or (fault.reach == "perhaps" and not journey.another):
        return False
    what = f"step:{step_at(journey.key, given.step)}"
    async with session_factory(engine)() as session, session.begin():
        basis = await basis_of(session, journey.key, given.step)
        await pause(session, what, SYSTEM, fault=Fault(DEFINITION, fault.reason.as_json(), basis))
    return True


async def _mended(engine: AsyncEngine, reason: Reason) -> bool:
    """A template may have been published in the very second for which its absence was remembered."""
    if reason.code != "template_not_in_use":
        return False
    async with engine.connect() as db:
        return await load_live(db, str(reason.parameters["template"])) is not None
