"""What a run is started with, and what it carries across continue-as-new: as little JSON as will do.

Everything here is kept in Temporal's history for as long as the namespace keeps it, so defaults are left out, and what
can be derived (the run's id, the customer's) is derived from the workflow id.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from orchestrator.core.commands import Commit, Transition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.run_events import Committed, Sent
from orchestrator.core.run.state import State
from orchestrator.core.timing import REAL_TIME, Clock
from orchestrator.core.zone_settings import DEFAULT_ZONE

Json = dict[str, Any]
STEP_SHOWN = 3
"""Version of the input from which on a run shows at which step it rests: its namespace knows the search attribute."""
HERE_FIRST = 4
"""Version of the input from which on a message is first tried within the run's own workflow task."""
EXPOSES = 5
"""Version of the input from which on experiments ask the store for the customer's arm, which records it."""
NEWEST = EXPOSES


class NewerInput(Exception):
    """A router of a newer build started this run."""


@dataclass(frozen=True, slots=True)
class RunInput:
    """``state`` is set from the second execution of a run on; ``inbox`` is what it had not yet looked at."""

    entry: CustomerEvent
    zone: str = DEFAULT_ZONE
    stage: str | None = None
    clock: Clock = REAL_TIME
    state: State | None = None
    timer: datetime | None = None
    inbox: tuple[CustomerEvent, ...] = ()
    shown_stage: str | None = None
    problem: str | None = None
    wanted: tuple[str, ...] = field(default=())
    """Reasons of ejections not yet looked at."""
    version: int = 1
    """By which rules the run goes; for those of its time see :mod:`workflows.run_time`."""
    hides_step: bool = False
    """The namespace does not know the search attribute of the step."""
    shown_step: str | None = None
    """Of a run that shows its step (from version ``STEP_SHOWN`` on): what the search attribute says."""
    at: datetime | None = None
    """The latest instant that the run had been told of when it continued as new."""
    follows: int | None = None
    """Of a run that was moved: number of the version that it follows now."""

    @property
    def shows_step(self) -> bool:
        """Whether the run shows at which step it rests."""
        return self.version >= STEP_SHOWN and not self.hides_step


_INPUT: TypeAdapter[RunInput] = TypeAdapter(RunInput)
_COMMIT: TypeAdapter[Commit] = TypeAdapter(Commit)


def dump_input(given: RunInput) -> Json:
    """A run's input as JSON-able data, defaults left out."""
    data: Json = _INPUT.dump_python(given, mode="json", exclude_defaults=True)
    return data


def load_input(data: Json) -> RunInput:
    """The inverse of :func:`dump_input`.

    Raises :class:`NewerInput`: the workflow task fails, and waits for a worker that knows the rules. By ours, the
    history would be one that no newer worker could replay.
    """
    given = _INPUT.validate_python(data)
    if given.version > NEWEST:
        raise NewerInput(f"input of version {given.version}; this worker knows {NEWEST}")
    return given


def dump_commit(commit: Commit) -> Json:
    """A commit as the ``commit`` activity takes it; whole, for what a local activity is given is kept nowhere."""
    data: Json = _COMMIT.dump_python(commit, mode="json")
    return data


def load_transitions(data: Mapping[str, Any]) -> tuple[Transition, ...]:
    """The lines of a commit's trace, as :func:`dump_commit` has it."""
    return _COMMIT.validate_python({"transitions": data.get("transitions", ())}).transitions


def dump_event(customer_event: CustomerEvent, mentioned: frozenset[str] | None) -> Json:
    """An event as a signal carries it; only properties that the plan mentions travel (None: all)."""
    properties = customer_event.properties
    if mentioned is not None:
        properties = {name: value for name, value in properties.items() if name in mentioned}
    data: Json = {"id": customer_event.message_id, "at": customer_event.occurred_at.astimezone(UTC).isoformat()}
    return {**data, "p": properties} if properties else data


def load_event(name: str, data: Mapping[str, Any]) -> CustomerEvent:
    """The inverse of :func:`dump_event`; the signal's name is the event's."""
    return CustomerEvent(data["id"], name, datetime.fromisoformat(data["at"]), dict(data.get("p") or {}))


def load_committed(now: datetime, data: Mapping[str, Any] | None) -> Committed:
    """What the ``commit`` activity answers; None where there is nothing to tell, which is the usual case."""
    if not data:
        return Committed(now)
    heard = tuple(load_event(item["name"], item) for item in data.get("heard", ()))
    until = datetime.fromisoformat(data["until"]) if "until" in data else None
    return Committed(now, heard, tuple(data.get("truths", ())), until, tuple(data.get("facts", ())))


def settled_at(data: Mapping[str, Any]) -> datetime | None:
    """When the ``deliver`` activity had its answer, in journey time; None from a worker that did not tell yet."""
    return datetime.fromisoformat(data["at"]) if "at" in data else None


def load_sent(now: datetime, data: Mapping[str, Any]) -> Sent:
    """What the ``deliver`` activity answers."""
    until = data.get("until")
    instant = datetime.fromisoformat(until) if isinstance(until, str) else until
    return Sent(now, data["outcome"], data.get("reason") or "", instant, data.get("values") or {})


def is_parked(data: Mapping[str, Any]) -> bool:
    """Whether the run stands still, while something is paused, until it is let go. Only runs that can are told so."""
    return bool(data["outcome"] == "parked")
