"""Conditions evaluated in memory: of one customer, as of one instant, with the instant up to which the answer holds."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple

from orchestrator.core.conditions.binding import bind
from orchestrator.core.conditions.compare import OPERATORS, exact, is_number, scaled, total
from orchestrator.core.conditions.contradictions import can_match
from orchestrator.core.conditions.describe import describe
from orchestrator.core.conditions.model import (
    All,
    AnyOf,
    Attribute,
    Condition,
    Consent,
    History,
    InStage,
    Measure,
    Not,
    Operator,
    Property,
)
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.paths import lookup
from orchestrator.core.values import Ref

_TICK = timedelta(microseconds=1)
DAY = 86_400_000_000
"""Microseconds in a day of 24 hours; all durations here are counted in whole microseconds, as PostgreSQL does."""


def _utc(instant: datetime) -> datetime:
    # Two instants of one zone compare by wall clock in Python, which goes wrong across a clock change.
    return instant if instant.tzinfo is UTC else instant.astimezone(UTC)


class Log:
    """A customer's events, by name, each name's ordered by ``occurred_at`` and then ``message_id``.

    The same ``message_id`` twice is one event. Looking up a window of one name is two bisections.
    """

    __slots__ = ("_ids", "_named")

    def __init__(self, customer_events: Iterable[CustomerEvent] = ()) -> None:
        self._ids: set[str] = set()
        self._named: dict[str, tuple[list[datetime], list[CustomerEvent]]] = {}
        for customer_event in sorted(
            customer_events, key=lambda one: (one.occurred_at.astimezone(UTC), one.message_id)
        ):
            self.add(customer_event)

    def add(self, customer_event: CustomerEvent) -> bool:
        """Puts an event in its place; late and out-of-order ones too. False when it was there already."""
        if customer_event.message_id in self._ids:
            return False
        self._ids.add(customer_event.message_id)
        instants, customer_events = self._named.setdefault(customer_event.name, ([], []))
        at = _utc(customer_event.occurred_at)
        place = bisect_right(instants, at)
        while place and instants[place - 1] == at and customer_events[place - 1].message_id > customer_event.message_id:
            place -= 1
        instants.insert(place, at)
        customer_events.insert(place, customer_event)
        return True

    def named(self, name: str) -> tuple[list[datetime], list[CustomerEvent]]:
        """The instants (UTC) and the events of one name, side by side in order. Not to be changed by the caller."""
        return self._named.get(name, _NOTHING)

    def __iter__(self) -> Iterator[CustomerEvent]:
        """All events in order."""
        everything = (
            customer_event for _, customer_events in self._named.values() for customer_event in customer_events
        )
        return iter(sorted(everything, key=lambda one: (_utc(one.occurred_at), one.message_id)))

    def __len__(self) -> int:
        return len(self._ids)


_NOTHING: tuple[list[datetime], list[CustomerEvent]] = ([], [])


@dataclass(frozen=True, slots=True)
class Customer:
    """What a condition sees of a customer. ``consents``: by ``"{channel}"`` for advertising, ``"{channel}:night"``."""

    attributes: Mapping[str, Any] = field(default_factory=dict)
    consents: Mapping[str, Any] = field(default_factory=dict)
    stage: str | None = None
    zone: str = "Asia/Seoul"
    history: Log = field(default_factory=Log)


class Verdict(NamedTuple):
    """A truth, and the earliest instant after ``now`` at which time alone may change it (None: never).

    ``until`` may be early, never late. An event of the log that lies in the future counts as time passing.
    """

    truth: bool
    until: datetime | None = None

    def __bool__(self) -> bool:
        """The truth: a verdict in an ``if`` means what it says."""
        return self.truth


_FIXED = {True: Verdict(True), False: Verdict(False)}


def _earliest(*instants: datetime | None) -> datetime | None:
    return min((instant for instant in instants if instant is not None), default=None)


# --- one event -------------------------------------------------------------------------------------------------------


def matches(filter: Condition | None, customer_event: CustomerEvent) -> bool:
    """Whether one event passes a bound filter: ``Property`` leaves and connectives only (TypeError otherwise)."""
    if filter is None:
        return True
    if isinstance(filter, Property):
        value = None if isinstance(filter.value, Ref) else filter.value
        return OPERATORS[filter.op](lookup(customer_event.properties, filter.name), value)
    if isinstance(filter, All):
        return all(matches(part, customer_event) for part in filter.of)
    if isinstance(filter, AnyOf):
        return any(matches(part, customer_event) for part in filter.of)
    if isinstance(filter, Not):
        return not matches(filter.of, customer_event)
    raise TypeError(f"a filter on an event cannot ask about the customer: {filter.kind}")


# --- a customer ------------------------------------------------------------------------------------------------------


def evaluate(condition: Condition, customer: Customer, now: datetime, event: CustomerEvent | None = None) -> Verdict:
    """The truth of a bound condition as of ``now`` (aware), seeing only events with ``occurred_at <= now``.

    ``event`` is the event in scope of ``Property`` leaves; without one, every property is missing.
    """
    return _EVALUATE[type(condition)](condition, customer, _utc(now), event)


def _joined(
    parts: tuple[Condition, ...], decisive: bool, scope: tuple[Customer, datetime, CustomerEvent | None]
) -> Verdict:
    """One part of truth ``decisive`` decides, for as long as the longest-lived such part does."""
    found = False
    held: datetime | None = None
    soonest: datetime | None = None
    for part in parts:
        truth, until = _EVALUATE[type(part)](part, *scope)
        if truth is decisive:
            if until is None:
                return _FIXED[decisive]
            held = until if held is None or until > held else held
            found = True
        elif until is not None and (soonest is None or until < soonest):
            soonest = until
    return Verdict(decisive, held) if found else Verdict(not decisive, soonest)


def _all(condition: All, customer: Customer, now: datetime, event: CustomerEvent | None) -> Verdict:
    return _joined(condition.of, False, (customer, now, event))


def _any(condition: AnyOf, customer: Customer, now: datetime, event: CustomerEvent | None) -> Verdict:
    return _joined(condition.of, True, (customer, now, event))


def _not(condition: Not, customer: Customer, now: datetime, event: CustomerEvent | None) -> Verdict:
    truth, until = _EVALUATE[type(condition.of)](condition.of, customer, now, event)
    return Verdict(not truth, until)


def _attribute(condition: Attribute, customer: Customer, _now: datetime, _event: CustomerEvent | None) -> Verdict:
    operand = None if isinstance(condition.value, Ref) else condition.value
    return _FIXED[OPERATORS[condition.op](lookup(customer.attributes, condition.name), operand)]


def _property(condition: Property, _customer: Customer, _now: datetime, event: CustomerEvent | None) -> Verdict:
    return _FIXED[matches(condition, event or _NO_EVENT)]


_NO_EVENT = CustomerEvent("", "", datetime.min.replace(tzinfo=UTC))


def _consent(condition: Consent, customer: Customer, _now: datetime, _event: CustomerEvent | None) -> Verdict:
    return _FIXED[(customer.consents.get(consent_key(condition)) is True) is condition.granted]


def consent_key(condition: Consent) -> str:
    """Where a customer's ``consents`` keep this one."""
    return condition.channel if condition.purpose == "advertising" else f"{condition.channel}:{condition.purpose}"


def _stage(condition: InStage, customer: Customer, _now: datetime, _event: CustomerEvent | None) -> Verdict:
    return _FIXED[customer.stage in condition.of]


# --- history ---------------------------------------------------------------------------------------------------------


def window_start(within: timedelta | None, now: datetime) -> datetime | None:
    """The instant after which events count, or None where the window reaches back beyond all dates."""
    if within is None:
        return None
    try:
        return now - within
    except OverflowError:
        return None


def _window(condition: History, customer: Customer, now: datetime) -> tuple[int, list[datetime], list[CustomerEvent]]:
    """Where the future begins in the log of that name, and the events that count."""
    instants, customer_events = customer.history.named(condition.event)
    end = bisect_right(instants, now)
    low = window_start(condition.within, now)
    start = bisect_right(instants, low) if low is not None else 0
    if condition.after is not None:
        start = max(start, bisect_left(instants, condition.after))
    times, events = instants[start:end], customer_events[start:end]
    if condition.where is not None:
        kept = [index for index, event in enumerate(events) if matches(condition.where, event)]
        times, events = [times[index] for index in kept], [events[index] for index in kept]
    return max(start, end), times, events


def measure(condition: History, customer: Customer, now: datetime) -> Any:
    """What a bound leaf measures as of ``now``: a number (a ``Fraction`` where it is divided), a value, or None."""
    _, times, events = _window(condition, customer, _utc(now))
    measured, per = _measured(condition, times, events, _utc(now))
    return measured if per == 1 or measured is None else Fraction(exact(measured)) / Fraction(exact(per))


def _history(condition: History, customer: Customer, now: datetime, _event: CustomerEvent | None) -> Verdict:
    instants, customer_events = customer.history.named(condition.event)
    future, times, events = _window(condition, customer, now)
    operand = None if isinstance(condition.value, Ref) else condition.value
    measured, per = _measured(condition, times, events, now)
    truth = OPERATORS[condition.op](measured, scaled(operand, per))
    until = _arrival(condition, instants, customer_events, future)
    if times:
        until = _earliest(
            until, _departure(condition, times, truth, operand), _crossing(condition, times, now, operand)
        )
    return Verdict(truth, until)


def microseconds(span: timedelta) -> int:
    """The span in whole microseconds, exactly."""
    return span // _TICK


def _measured(condition: History, times: list[datetime], events: list[CustomerEvent], now: datetime) -> tuple[Any, int]:
    """The measure as a numerator and a positive denominator, so that nothing is divided; (None, 1) where undefined."""
    measure, count = condition.measure, len(times)
    if measure == "count":
        return count, 1
    if condition.property is not None:
        if measure in _VALUE_OF:
            return (lookup(events[_VALUE_OF[measure]].properties, condition.property) if events else None), 1
        numbers = [n for event in events if is_number(n := lookup(event.properties, condition.property))]
        if measure == "sum":
            return total(numbers), 1
        if not numbers:
            return None, 1
        return (total(numbers), len(numbers)) if measure == "average" else (_EXTREME[measure](numbers, key=exact), 1)
    if count == 0:
        return None, 1
    if measure in _DAYS_SINCE:
        return microseconds(now - times[_DAYS_SINCE[measure]]), DAY
    span = microseconds(times[-1] - times[0])
    if measure == "average_interval":
        return (span, DAY * (count - 1)) if count > 1 else (None, 1)
    return (microseconds(now - times[-1]) * (count - 1), span) if span else (None, 1)


_VALUE_OF: Mapping[Measure, int] = {"first": 0, "last": -1}
_EXTREME: Mapping[Measure, Callable[..., Any]] = {"minimum": min, "maximum": max}
_DAYS_SINCE: Mapping[Measure, int] = {"days_since_first": 0, "days_since_last": -1}
_UNTIL_THE_LAST_LEAVES = frozenset({"last", "days_since_last"})


def _arrival(
    condition: History, instants: list[datetime], customer_events: list[CustomerEvent], start: int
) -> datetime | None:
    """When the next event that lies in the future comes into sight."""
    return next(
        (instants[i] for i in range(start, len(instants)) if matches(condition.where, customer_events[i])), None
    )


def _departure(condition: History, times: list[datetime], truth: bool, operand: Any) -> datetime | None:
    """When enough events have left the window to change the answer: exactly for counts, else the first that may."""
    if condition.within is None:
        return None
    leaving: datetime | None = times[-1 if condition.measure in _UNTIL_THE_LAST_LEAVES else 0]
    if condition.measure == "count":
        check, count = OPERATORS[condition.op], len(times)
        leaving = next((times[gone] for gone in range(count) if check(count - gone - 1, operand) is not truth), None)
    try:
        return leaving + condition.within if leaving is not None else None
    except OverflowError:
        return None


_REACHES: Mapping[Operator, tuple[bool, bool]] = {
    "gte": (True, False),
    "lt": (True, False),
    "gt": (False, True),
    "lte": (False, True),
    "eq": (True, True),
    "ne": (True, True),
    "in": (True, True),
    "not_in": (True, True),
}
"""Whether an operator's truth changes at the first instant at or past a limit, and at the first one past it."""


def _crossing(condition: History, times: list[datetime], now: datetime, operand: Any) -> datetime | None:
    """When a measure that grows with time alone next passes a limit it is compared with."""
    origin = times[-1]
    per: int | Fraction = DAY
    if condition.measure == "days_since_first":
        origin = times[0]
    elif condition.measure == "overdue":
        span = microseconds(times[-1] - times[0])
        if not span:
            return None
        per = Fraction(span, len(times) - 1)
    elif condition.measure != "days_since_last":
        return None
    at, past = _REACHES.get(condition.op, (False, False))
    elapsed = microseconds(now - origin)
    operands = operand if isinstance(operand, tuple) else (operand,)
    limits = [(one if type(one) is int else Fraction(exact(one))) * per for one in operands if is_number(one)]
    ticks = [-(-limit // 1) for limit in limits if at] + [limit // 1 + 1 for limit in limits if past]
    try:
        return origin + timedelta(microseconds=min(tick for tick in ticks if tick > elapsed))
    except (ValueError, OverflowError):  # none ahead, or beyond all dates
        return None


_EVALUATE: Mapping[type, Callable[[Any, Customer, datetime, CustomerEvent | None], Verdict]] = {
    All: _all,
    AnyOf: _any,
    Not: _not,
    Attribute: _attribute,
    Property: _property,
    Consent: _consent,
    InStage: _stage,
    History: _history,
}

__all__ = ["Customer", "Log", "Verdict", "bind", "can_match", "describe", "evaluate", "matches", "measure"]
