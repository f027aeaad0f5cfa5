"""What became of a simulated customer: where they entered, what each run went through, what was decided to be sent."""

from dataclasses import dataclass, field
from datetime import datetime

from orchestrator.core.commands import Transition
from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.routing import Admission
from orchestrator.core.run.state import NEW, State


@dataclass(frozen=True, slots=True)
class Entered:
    """A trigger fired: whether the customer entered, and why (not)."""

    journey: str
    at: datetime
    admission: Admission


@dataclass(frozen=True, slots=True)
class SimulatedSend:
    """One decision on a message."""

    journey: str
    step: str
    occurrence: int
    channel: str
    at: datetime
    outcome: str
    reason: str


@dataclass
class SimulatedRun:
    """What one run went through."""

    journey: str
    key: str
    run_id: str
    workflow_id: str
    entered_at: datetime
    state: State = field(default_factory=lambda: NEW)
    transitions: list[Transition] = field(default_factory=list)
    timer: datetime | None = None
    plan: Plan | None = None
    """The one to which it was moved; None: the one by which it began."""

    @property
    def live(self) -> bool:
        return self.state.doing != "over"
