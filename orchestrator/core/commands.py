"""What a run can ask for: one closed union. A new step kind never adds to it, so no driver changes for one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from orchestrator.core.conditions.model import Condition
from orchestrator.core.events.customer_event import CustomerEvent


class Transition(NamedTuple):
    """One line of a run's trace; ``seq`` counts from 1 within the run and makes recording idempotent.

    As JSON it is a list, and as a value it costs a third of what a frozen class costs: there are two for every step.
    """

    seq: int
    at: datetime
    what: Literal["entered", "left", "goal", "ended", "moved"]
    step: str
    occurrence: int = 1
    port: str = ""
    note: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Interest:
    """An event name to listen for. ``since``: also read back what has occurred from then on (None: no read-back)."""

    name: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fact:
    """A value of the customer, or one that is taken for them, that a step needs; answered as JSON.

    What a kind means by ``name`` and ``options``, and what it answers, stands with the kind (``core.facts``).
    """

    kind: str
    name: str = ""
    id: str = ""
    """Of what is taken: derived from run, step and occurrence, so that nothing is taken twice."""
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a customer: set, increment or remove an attribute; add or remove a tag; consent."""

    id: str
    """Derived from run, step, occurrence and place: applied at most once."""
    op: Literal["set", "increment", "remove", "add_tag", "remove_tag", "grant", "withdraw"]
    name: str
    value: Any = None


@dataclass(slots=True)  # a value like the others; frozen, its making would be a tenth of what a step costs
class Commit:
    """One transaction with the store: record, listen, read back, ask, change, emit. Answered by ``Committed``.

    Everything a run wants of the store at one moment travels in one command, because on Temporal each is a history
    event. Carrying it out twice has the effect of once: transitions by ``seq``, emitted events by ``message_id``,
    changes by their ``id``. Order: record, listen, change, emit, read back, ask.
    """

    transitions: tuple[Transition, ...] = ()
    listen: tuple[Interest, ...] = ()
    unlisten: tuple[str, ...] = ()
    ask: tuple[Condition, ...] = ()
    facts: tuple[Fact, ...] = ()
    changes: tuple[Change, ...] = ()
    emit: tuple[CustomerEvent, ...] = ()
    stage: str | None = None
    """The customer's new lifecycle stage, where it changed."""
    step: str | None = None
    """Where the run stands after this command."""
    waiting_until: datetime | None = None
    as_of: datetime | None = None
    """Conditions see the history up to this instant."""
    entry: CustomerEvent | None = None
    """The event in scope of ``ask``."""
    ended: str | None = None
    """Reason, when the run ends with this command (its interests are then forgotten)."""


@dataclass(frozen=True, slots=True)
class Send:
    """Decide and carry out one message of a step. Answered by ``Sent``. The send's id is derived from these."""

    step: str
    occurrence: int
    variables: dict[str, Any] = field(default_factory=dict)
    """Those that differ from the plan's initial values."""
    event: str = ""
    """Message id of the event that last ended a wait."""


@dataclass(frozen=True, slots=True)
class SetTimer:
    """Wake the run at this instant; replaces the timer before it. Answered by ``TimerFired``."""

    at: datetime
    step: str


@dataclass(frozen=True, slots=True)
class FinishRun:
    """The run is over."""

    reason: str


Command = Commit | Send | SetTimer | FinishRun
