"""What can happen to a run: one closed union of frozen values. Every one carries ``now``; the core reads no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.zone_settings import DEFAULT_ZONE


@dataclass(frozen=True, slots=True)
class Started:
    """The run begins. ``entry`` is the event that let the customer in (None for a manual or scheduled entry)."""

    now: datetime
    run_id: str
    customer_id: str
    entry: CustomerEvent | None = None
    zone: str = DEFAULT_ZONE
    stage: str | None = None
    """The customer's lifecycle stage before the run."""


@dataclass(frozen=True, slots=True)
class EventReceived:
    """An event that the run listens for has arrived."""

    now: datetime
    customer_event: CustomerEvent


@dataclass(frozen=True, slots=True)
class TimerFired:
    """The instant of the last :class:`~orchestrator.core.commands.SetTimer` has come."""

    now: datetime


@dataclass(frozen=True, slots=True)
class Committed:
    """A :class:`~orchestrator.core.commands.Commit` has been carried out.

    ``heard``: what the read-back found, ordered by ``occurred_at``. ``truths``: one answer per condition asked.
    ``until``: the earliest instant at which, with no new event, one of those answers may change. ``facts``: one value
    per fact asked.
    """

    now: datetime
    heard: tuple[CustomerEvent, ...] = ()
    truths: tuple[bool, ...] = ()
    until: datetime | None = None
    facts: tuple[Any, ...] = ()


SendOutcome = Literal["sent", "held", "skipped", "unknown"]


@dataclass(frozen=True, slots=True)
class Sent:
    """A send was decided and, if so decided, carried out. ``held`` is decided again in full at ``until``."""

    now: datetime
    outcome: SendOutcome
    reason: str = ""
    until: datetime | None = None
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What came back with it, such as the answer to a webhook, by the names that the step asked for."""


@dataclass(frozen=True, slots=True)
class Ejected:
    """An operator ends the run, or the journey was stopped."""

    now: datetime
    reason: str


Event = Started | EventReceived | TimerFired | Committed | Sent | Ejected
