"""What can be measured of a customer's events of one name: the measures in words, their values, and how they change.

All durations here are counted in whole microseconds, as PostgreSQL does.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Literal

from orchestrator.core.conditions.compare import exact, is_number, total
from orchestrator.core.conditions.domains import Domain, any_json, count_samples, number_samples, one_of
from orchestrator.core.conditions.operators import Operator
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.paths import lookup
from orchestrator.core.text import Text

Measure = Literal[
    "count",
    "sum",
    "average",
    "minimum",
    "maximum",
    "first",
    "last",
    "days_since_first",
    "days_since_last",
    "average_interval",
    "overdue",
]
MEASURE_TEXT: dict[Measure, Text] = {
    "count": Text("how often"),
    "sum": Text("sum of a property"),
    "average": Text("average of a property"),
    "minimum": Text("lowest value of a property"),
    "maximum": Text("highest value of a property"),
    "first": Text("property of the first one"),
    "last": Text("property of the last one"),
    "days_since_first": Text("days since the first one"),
    "days_since_last": Text("days since the last one"),
    "average_interval": Text("average interval in days"),
    "overdue": Text("time since the last one, in usual intervals"),
}
OF_A_PROPERTY: frozenset[Measure] = frozenset({"sum", "average", "minimum", "maximum", "first", "last"})

DAY = 86_400_000_000
"""Microseconds in a day of 24 hours."""
_TICK = timedelta(microseconds=1)


def microseconds(span: timedelta) -> int:
    """The span in whole microseconds, exactly."""
    return span // _TICK


def measured(
    measure: Measure, of: str | None, times: list[datetime], events: list[CustomerEvent], now: datetime
) -> tuple[Any, int]:
    """The measure as a numerator and a positive denominator, so that nothing is divided; (None, 1) where undefined.

    ``of``: the property, where the measure has one. ``times`` and ``events`` lie side by side, in order, up to ``now``.
    """
    count = len(times)
    if measure == "count":
        return count, 1
    if of is not None:
        if measure in _VALUE_OF:
            return (lookup(events[_VALUE_OF[measure]].properties, of) if events else None), 1
        numbers = [n for event in events if is_number(n := lookup(event.properties, of))]
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
GROWING: frozenset[Measure] = frozenset({"days_since_first", "days_since_last", "overdue"})
"""Measures that time alone changes."""
UNTIL_THE_LAST_LEAVES: frozenset[Measure] = frozenset({"last", "days_since_last"})
"""Measures that do not change before the last event has left the window."""


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


def crossing(measure: Measure, op: Operator, times: list[datetime], now: datetime, operand: Any) -> datetime | None:
    """When a measure that grows with time alone next passes a limit it is compared with."""
    origin = times[-1]
    per: int | Fraction = DAY
    if measure == "days_since_first":
        origin = times[0]
    elif measure == "overdue":
        span = microseconds(times[-1] - times[0])
        if not span:
            return None
        per = Fraction(span, len(times) - 1)
    elif measure != "days_since_last":
        return None
    at, past = _REACHES.get(op, (False, False))
    if type(operand) is int and type(per) is int:  # as nearly everybody asks: in whole days
        return _first_passed(origin, now, operand * per, at, past)
    elapsed = microseconds(now - origin)
    operands = operand if isinstance(operand, tuple) else (operand,)
    limits = [(one if type(one) is int else Fraction(exact(one))) * per for one in operands if is_number(one)]
    ticks = [-(-limit // 1) for limit in limits if at] + [limit // 1 + 1 for limit in limits if past]
    try:
        return origin + timedelta(microseconds=min(tick for tick in ticks if tick > elapsed))
    except (ValueError, OverflowError):  # none ahead, or beyond all dates
        return None


def _first_passed(origin: datetime, now: datetime, limit: int, at: bool, past: bool) -> datetime | None:
    """The first instant after ``now`` at or past so many microseconds from ``origin``; None of one beyond all dates."""
    try:
        reached = origin + timedelta(microseconds=limit)
        if at and reached > now:
            return reached
        if past and reached >= now:
            return reached + _TICK
    except OverflowError:
        pass
    return None


def domain_of(measure: Measure, none_ever: bool) -> Domain:
    """The values that a measure can take. ``none_ever``: no event can be among those that are measured."""
    match measure:
        case "count":
            return one_of((0,)) if none_ever else lambda demands: one_of(count_samples(demands))(demands)
        case "sum":
            return one_of((0,)) if none_ever else lambda demands: one_of(number_samples(demands))(demands)
    if none_ever:
        return one_of((None,))
    match measure:
        case "first" | "last":
            return any_json
        case "average" | "minimum" | "maximum":
            return lambda demands: one_of((None, *number_samples(demands)))(demands)
    return lambda demands: one_of((None, *(n for n in (Decimal(0), *number_samples(demands)) if n >= 0)))(demands)
