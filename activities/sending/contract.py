"""What the activity ``deliver`` is given and answers, and how a step that sends no message takes part in it.

Messages are the rule (``deliver.py``). A step kind with a handler, such as a call to a URL, is carried out by that
instead: it is asked once nothing else in this process is at the same send, and holds no connection of the ledger's.
A folder of ``activities`` whose domain carries out steps has a module ``step_handlers`` with ``STEP_HANDLERS``, by
kind; nothing else has to be told of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, Protocol

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.exceptions import ApplicationError

from orchestrator.core.events.run_events import SendOutcome
from orchestrator.core.journey.plan import Plan
from orchestrator.core.steps import Step
from orchestrator.discovery import domain_modules
from orchestrator.settings import Settings
from orchestrator.store.sending.ledger import DecisionInputs, Place

AGAIN_SOON = timedelta(seconds=10)
"""Until a send that another process is at is asked for again: five attempts outlast the longest call."""


def in_progress() -> ApplicationError:
    """Somebody else is at this send."""
    return ApplicationError("another process is at it", type="InProgress", next_retry_delay=AGAIN_SOON)


@dataclass(frozen=True, slots=True)
class DeliverInput:
    """Kept in histories, so kept small. ``at``: journey time, where the caller knows better than the clock."""

    run: str
    step: str
    occurrence: int = 1
    at: datetime | None = None
    variables: dict[str, Any] = field(default_factory=dict)
    """Those that differ from the plan's."""
    event: str = ""
    """Message id of the event that last ended a wait."""
    after: str = ""
    """A channel that is known, since the send, not to have reached the customer: those after it are to be tried, in a
    send of its own. Empty: the first try."""
    wait: float = 0.0
    """Of what a local attempt could not settle: seconds, real time, after which to try again."""
    then: list[dict[str, Any]] = field(default_factory=list)
    """The arguments of the commit that follows if it is simply sent. Only a local activity is given any, for they are
    kept in no history then."""
    parks: bool = False
    """Whether the run knows how to stand still while something is paused; those of older workers ask each hour."""


@dataclass(frozen=True, slots=True)
class DeliverResult:
    """``held`` has ``until``, in journey time; ``parked`` waits until somebody resumes what is
    paused. ``reason``: a code of ``core.sending.reasons``."""

    outcome: SendOutcome | Literal["parked"]
    reason: str = ""
    until: datetime | None = None
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    problem: str = ""
    """What is wrong with the run that is parked, as it is kept (``STEP:CAUSE``), where its step is paused for that."""

    def as_json(self, at: datetime | None = None) -> dict[str, Any]:
        """Without what is not there. ``at``: when it was settled, journey time."""
        until = self.until.isoformat() if self.until else ""
        when = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else ""
        told = {
            "outcome": self.outcome,
            "reason": self.reason,
            "until": until,
            "values": self.values,
            "at": when,
            "problem": self.problem,
        }
        return {name: value for name, value in told.items() if value}


@dataclass(frozen=True, slots=True)
class StepWork:
    """One visit to a step that a handler carries out.

    ``place.id`` is derived from run, step and occurrence: the same at every attempt. ``seen``: what the store knew a
    moment ago, the ledger's row of this id among it; ``now``: journey time.
    """

    process: int
    """This process, as ``store.presence`` numbers it."""
    place: Place
    kind: str
    step: Step
    plan: Plan
    seen: DecisionInputs
    given: DeliverInput
    now: datetime


class StepHandler(Protocol):
    """Carries out the steps of one kind."""

    async def handle(self, work: StepWork) -> DeliverResult:
        """Do it, or say why not; write what happened to the ledger.

        May be asked again for the same ``work.place.id``: after a failure, or by another process after a death. Raises
        an ``ApplicationError`` as ``Delivery.deliver`` does; Temporal tries again.
        """

    async def close(self) -> None:
        """Give back what it holds: the worker ends."""


MakeHandler = Callable[[AsyncEngine, Settings], StepHandler]
"""Makes the handler of a worker."""


def step_handlers(engine: AsyncEngine, settings: Settings) -> dict[str, StepHandler]:
    """The handlers of a worker, by kind of step: those that the folders of ``activities`` bring along."""
    return {
        kind: make(engine, settings)
        for module in domain_modules("activities", "step_handlers")
        for kind, make in module.STEP_HANDLERS.items()
    }
