"""Everything a run is, between two events: one serialisable value, carried across continue-as-new as it is."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter

from orchestrator.core.commands import Transition
from orchestrator.core.events.customer_event import CustomerEvent

REMEMBERED = 500
"""Events that a run remembers by id: far more than can arrive twice in the time in which anything is sent again."""

Doing = Literal["new", "rest", "ask", "send", "over"]
_NOT_YET = datetime.min.replace(tzinfo=UTC)


@dataclass
class State:
    """A run. ``doing`` tells what the current step is about: resting, awaiting an answer, awaiting a send.

    To everybody a value: ``advance`` writes to a copy of its own, and nobody else writes. (It is not declared frozen,
    because checking that at each of its fields would be a good part of what ``advance`` costs.)
    """

    doing: Doing = "new"
    run_id: str = ""
    customer_id: str = ""
    entry: CustomerEvent | None = None
    began: datetime = _NOT_YET
    """The instant of the entry event: exits and goals count from it."""
    stage: str | None = None
    step: str = ""
    occurrences: dict[str, int] = field(default_factory=dict)
    since: datetime = _NOT_YET
    """What brought the run to its step: the instant of an event or a deadline. Never moves back."""
    reached: datetime | None = None
    """When the run got to its step; None: it did before that was noted."""
    until: datetime | None = None
    """Deadline of the step."""
    recheck: datetime | None = None
    """When an exit condition may become true through time alone."""
    names: tuple[str, ...] = ()
    """Event names that the step waits for, beside the journey's own."""
    read_back: datetime | None = None
    """Events of these names count from here on; None: none counts for itself, each only makes the step look again."""
    memo: dict[str, Any] = field(default_factory=dict)
    event: CustomerEvent | None = None
    """The event that last ended a wait."""
    offered: CustomerEvent | None = None
    """The event that made the step look again: it ends the wait if the answer does."""
    variables: dict[str, Any] = field(default_factory=dict)
    listening: tuple[str, ...] = ()
    committing: Literal["", "answer", "look", "prepare"] = ""
    """Why the run awaits ``Committed``: a step's question; a look round at rest; clearing the way before a send."""
    answers: int = 0
    """How many of the truths asked for are the step's; the rest are exit conditions'."""
    due: bool = False
    """The step's deadline has come, and only the last look is awaited."""
    seen: dict[str, datetime] = field(default_factory=dict)
    """Events that exits and goals have looked at: message id and instant, in the order of arrival."""
    forgotten: datetime | None = None
    """Instant of the latest event that ``seen`` had no room for: read back, an event up to it is taken as seen."""
    consumed: dict[str, datetime] = field(default_factory=dict)
    """Events that ended one of the run's waits: they never end another. Kept while a look-back could find them."""
    goals: tuple[str, ...] = ()
    seq: int = 0
    unrecorded: tuple[Transition, ...] = ()
    moved_to: str | None = None
    """A change of stage that is not yet committed."""
    reason: str = ""
    exposes: bool = False
    """Whether its experiments ask the store for the customer's arm; runs did not before there was such a record."""


NEW = State()


@cache
def _adapter() -> TypeAdapter[State]:
    return TypeAdapter(State)


def dump_state(state: State) -> bytes:
    """The state as JSON, defaults left out."""
    return _adapter().dump_json(state, exclude_defaults=True)


def load_state(data: bytes) -> State:
    """The inverse of :func:`dump_state`."""
    return _adapter().validate_json(data)
