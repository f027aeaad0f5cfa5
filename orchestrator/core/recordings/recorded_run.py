"""A run that was, with all that happened to its customer, as the store has it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from orchestrator.core.commands import Transition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.ids import derived_id
from orchestrator.core.journey.plan import Plan
from orchestrator.core.messages.template_document import LiveTemplate
from orchestrator.core.simulation.simulator import Person


@dataclass(frozen=True, slots=True)
class RecordedEvent:
    """``arrived``: when we were told of it, which may be long after it happened."""

    event: CustomerEvent
    arrived: datetime


@dataclass(frozen=True, slots=True)
class RecordedSend:
    """One message or call, as the ledger has it. ``inputs``: what its decision saw, and what came back."""

    step: str
    occurrence: int
    channel: str
    status: str
    reason: str
    at: datetime
    inputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RecordedRun:
    """One run. ``began``: the instant of its entry event; ``read_at``: up to when it was read, journey time."""

    run_id: str
    plan: Plan
    version: int
    key: str
    entry: str
    """Message id of the event that let the customer in; empty where none did."""
    began: datetime
    read_at: datetime
    finished_at: datetime | None
    """When it ended, which an operator's word may do long after the last instant that the run was told of."""
    lines: tuple[Transition, ...]
    sends: tuple[RecordedSend, ...]
    before: tuple[CustomerEvent, ...]
    """What the customer had done by then, in order."""
    events: tuple[RecordedEvent, ...]
    """What happened from the entry event on, the entry event included, in order."""
    person: Person
    """The customer as they are now."""
    settings: Mapping[str, Any]
    """The workspace's."""
    locale: str
    templates: Mapping[str, LiveTemplate] = field(default_factory=dict)

    @property
    def ended(self) -> Transition | None:
        """The line with which it ended; None: it is under way."""
        return next((line for line in self.lines if line.what == "ended"), None)

    @property
    def end(self) -> datetime:
        """Up to when it is told."""
        if self.ended is None:
            return self.read_at
        return max(self.ended.at, self.finished_at or self.began, self.began)

    def added_events(self) -> frozenset[str]:
        """Message ids of what the run itself has added to the log: played again, it adds them again."""
        visits = {(line.step, line.occurrence) for line in self.lines}
        found = {derived_id(self.run_id, *visit, part) for visit in visits for part in ("emit", "start")}
        changes = (derived_id(self.run_id, *visit, "change-0") for visit in visits)
        return frozenset(found | {derived_id(self.run_id, change, 0, "updated") for change in changes})
