"""Everything a run is, between two events: one serialisable value, carried across continue-as-new as it is."""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, Literal

from pydantic import TypeAdapter

from orchestrator.core.commands import Transition
from orchestrator.core.events import Happening

REMEMBERED = 500
"""Message ids that a run remembers: far more than can arrive twice in the time in which anything is sent again."""

Doing = Literal["new", "rest", "ask", "send", "over"]


@dataclass(frozen=True, slots=True)
class State:
    """A run. ``doing`` tells what the current step is about: resting, awaiting an answer, awaiting a send."""

    doing: Doing = "new"
    run_id: str = ""
    customer_id: str = ""
    entry: Happening | None = None
    began: datetime | None = None
    """The instant of the entry event: exits and goals count from it."""
    stage: str | None = None
    step: str = ""
    occurrences: dict[str, int] = field(default_factory=dict)
    since: datetime | None = None
    """What brought the run to its step: the instant of an event or a deadline."""
    until: datetime | None = None
    """Deadline of the step."""
    recheck: datetime | None = None
    """When an exit condition may become true through time alone."""
    names: tuple[str, ...] = ()
    """Event names that the step waits for, beside the journey's own."""
    read_back: datetime | None = None
    memo: dict[str, Any] = field(default_factory=dict)
    event: Happening | None = None
    """The event that last ended a wait."""
    variables: dict[str, Any] = field(default_factory=dict)
    listening: tuple[str, ...] = ()
    booking: Literal["", "answer", "look", "prepare"] = ""
    """Why the run awaits ``Booked``: a step's question; a look round at rest; clearing the way before a send."""
    answers: int = 0
    """How many of the truths asked for are the step's; the rest are exit conditions'."""
    due: bool = False
    """The step's deadline has come, and only the last look is awaited."""
    seen: tuple[str, ...] = ()
    consumed: tuple[str, ...] = ()
    """Message ids that entered the run or ended one of its waits: they never end another."""
    goals: tuple[str, ...] = ()
    seq: int = 0
    unrecorded: tuple[Transition, ...] = ()
    moved_to: str | None = None
    """A change of stage that is not yet booked."""
    reason: str = ""


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
