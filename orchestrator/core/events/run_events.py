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
    exposes: bool = True
    """Whether its experiments ask the store for the customer's arm (``State.exposes``)."""


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


TimerRule = Literal["kept", "recomputed", "fired", "restarted"]
"""What becomes of a wait when its run is moved: it stays as it is; it is counted by the new settings from when the run
got there; it is over now; or it is none of the new step's, which begins anew."""


@dataclass(frozen=True, slots=True)
class Moved:
    """An operator has the run stand at ``step``, maybe in another version: whoever feeds this feeds it with the plan
    that the run follows from now on.

    ``plan`` and ``before``: hashes of that plan and of the one that it leaves. ``timer`` is other than ``restarted``
    only where the step is of the kind at which the run stood. ``by``: what moved it, kept in its trace.
    """

    now: datetime
    plan: str
    before: str
    step: str
    timer: TimerRule = "kept"
    by: str = ""
    entry: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """Properties of the entry event that the plan before did not look at."""


Event = Started | EventReceived | TimerFired | Committed | Sent | Ejected | Moved
