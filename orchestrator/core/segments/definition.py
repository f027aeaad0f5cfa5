"""Definitions of segments as membership is kept by them: which events concern which, and what a verdict changes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Literal, NamedTuple

from orchestrator.core.conditions.contract import Verdict
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.conditions.evaluate import evaluate
from orchestrator.core.conditions.model import Condition, leaves, segments_of, wakes_on

Cause = Literal["event", "time", "definition", "merge"]


@dataclass(frozen=True)
class Definition:
    """A condition under which membership of a segment is kept, as a numbered build. ``live``: conditions see it."""

    key: str
    build: int
    version: int
    condition: Condition
    live: bool = True

    @cached_property
    def wakes_on(self) -> frozenset[str]:
        """Names of the events that may change whether a customer is in it."""
        return wakes_on(self.condition)

    @cached_property
    def asks(self) -> frozenset[str]:
        """Keys of the segments that it asks about."""
        return segments_of(self.condition)

    def holds_of_nobody_known(self, now: datetime) -> bool:
        """Whether a customer of whom nothing is known is in it: then everybody is who has just come."""
        unknown = dict.fromkeys(self.asks, False)
        return evaluate(self.condition, Customer(segments=unknown), now).truth

    def deadlines_from(self, now: datetime) -> Mapping[str, datetime] | None:
        """As ``Leaf.deadlines_from``, of the whole condition."""
        found: dict[str, datetime] = {}
        for leaf in leaves(self.condition):
            own = leaf.deadlines_from(now)
            if own is None:
                return None
            for name, since in own.items():
                found[name] = min(since, found.get(name, since))
        return found


@dataclass(frozen=True)
class Definitions:
    """All that membership is kept by, by the names of the events that concern them."""

    all: tuple[Definition, ...] = ()
    _by_event: dict[str, list[Definition]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        by_event: dict[str, list[Definition]] = defaultdict(list)
        for one in self.all:
            for name in one.wakes_on:
                by_event[name].append(one)
        self._by_event.update(by_event)

    def woken_by(self, name: str) -> Iterable[Definition]:
        """Those whose members an event of this name may change."""
        return self._by_event.get(name, ())

    def greet(self, now: datetime) -> list[Definition]:
        """Those that a customer is in of whom nothing is known yet."""
        return [one for one in self.all if one.holds_of_nobody_known(now)]


class Standing(NamedTuple):
    """What is stored of a customer and a build; no row stands for nobody whom time will not let in."""

    member: bool
    since: datetime
    until: datetime | None


class Kept(NamedTuple):
    """What is to be stored, and whether the customer came in or left. ``standing``: None, no row."""

    standing: Standing | None
    change: Literal["entered", "left"] | None
    at: datetime | None = None
    """When the change came about."""


def keep(definition: Definition, customer: Customer, before: Standing | None, now: datetime) -> Kept:
    """What becomes of a customer's membership as of ``now``.

    A change that time alone brought about is dated to the instant at which it did, however much later it is looked at.
    """
    verdict = evaluate(definition.condition, customer, now)
    was = before is not None and before.member
    if verdict.truth is was:
        if not verdict.truth and verdict.until is None:
            return Kept(None, None)
        since = before.since if before is not None else now
        return Kept(Standing(verdict.truth, since, verdict.until), None)
    at = _since_when(definition, customer, before, verdict, now)
    change: Literal["entered", "left"] = "entered" if verdict.truth else "left"
    gone = not verdict.truth and verdict.until is None
    return Kept(None if gone else Standing(verdict.truth, at, verdict.until), change, at)


def _since_when(
    definition: Definition, customer: Customer, before: Standing | None, verdict: Verdict, now: datetime
) -> datetime:
    """The deadline, where it has passed and the truth was then what it is now; else now."""
    due = before.until if before is not None else None
    if due is None or due > now or due.year < _REAL_YEARS:
        return now
    return due if evaluate(definition.condition, customer, due).truth is verdict.truth else now


_REAL_YEARS = 1900
"""Deadlines before that are no instants of anybody's: they say that membership is to be worked out anew."""
