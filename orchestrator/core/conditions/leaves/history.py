"""history: what the customer has done, measured over their own events of one name and compared."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field, model_validator

from orchestrator.core.conditions.compare import OPERATORS, exact, scaled
from orchestrator.core.conditions.contract import Bindings, Leaf, Named, Node, Verdict
from orchestrator.core.conditions.contradictions import can_match
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.conditions.describe import compared, value_words
from orchestrator.core.conditions.domains import Claim, compared_demands
from orchestrator.core.conditions.measures import (
    GROWING,
    MEASURE_TEXT,
    OF_A_PROPERTY,
    UNTIL_THE_LAST_LEAVES,
    Measure,
    crossing,
    domain_of,
    measured,
)
from orchestrator.core.conditions.operators import (
    OPERAND_FIELD,
    OPERATOR_FIELD,
    OPPOSITE,
    Operand,
    Operator,
    bound_operand,
)
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.formatting import span
from orchestrator.core.labels import called, labelled
from orchestrator.core.text import Text, verbatim
from orchestrator.core.values import Duration, Instant, Name, Ref

if TYPE_CHECKING:
    # At run time the union of all kinds, which model.py makes; pydantic waits for it.
    Condition = Node

_AMOUNT: Mapping[Operator, Text] = {
    "eq": Text("exactly {amount}"),
    "ne": Text("other than {amount}"),
    "gt": Text("more than {amount}"),
    "gte": Text("at least {amount}"),
    "lt": Text("less than {amount}"),
    "lte": Text("at most {amount}"),
}
_SUBJECT: Mapping[Measure, Text] = {
    "count": Text("number of {event}"),
    "sum": Text("sum of {property} of {event}"),
    "average": Text("average {property} of {event}"),
    "minimum": Text("lowest {property} of {event}"),
    "maximum": Text("highest {property} of {event}"),
    "first": Text("{property} of the first {event}"),
    "last": Text("{property} of the last {event}"),
    "days_since_first": Text("days since the first {event}"),
    "days_since_last": Text("days since the last {event}"),
    "average_interval": Text("average interval of {event} in days"),
    "overdue": Text("time since the last {event}, in usual intervals"),
}
_MEASURED: Mapping[Measure, Text] = {
    "days_since_first": Text("first {event} {amount} ago"),
    "days_since_last": Text("last {event} {amount} ago"),
    "average_interval": Text("average interval of {event} {amount}"),
    "overdue": Text("no {event} for {amount} the usual interval"),
}
_DAYS = Text("{amount} day", plural="{amount} days")
_UNIT: Mapping[Measure, Text] = {
    "days_since_first": _DAYS,
    "days_since_last": _DAYS,
    "average_interval": _DAYS,
    "overdue": Text("{amount} times"),
}


EVER = datetime.min.replace(tzinfo=UTC)
"""Before anything happened."""


class History(Leaf):
    """Measures the customer's own events of one name, and compares the measure.

    ``count``: how many (``gte 1`` by default: at least once; ``eq 0``: never). ``sum``, ``average``, ``minimum``,
    ``maximum``: of a numeric property, other values ignored; the sum of none is 0. Every other measure of too few
    events is a missing value. ``first``, ``last``: the property of the earliest or latest event. ``days_since_first``,
    ``days_since_last``: in days of 24 hours. ``average_interval``: mean days between consecutive events, of at least
    two. ``overdue``: days since the last, divided by that interval (1.5: half as long again as their own habit).
    """

    model_config = called(Text("What they have done"))
    kind: Literal["history"] = "history"
    event: Name = Field(json_schema_extra=labelled(Text("Event"), editor="event_name"))
    measure: Measure = Field("count", json_schema_extra=labelled(Text("Measure"), options=MEASURE_TEXT))
    property: Name | None = Field(None, json_schema_extra=labelled(Text("Property"), editor="property_name"))
    where: "Condition | None" = Field(
        None,
        json_schema_extra=labelled(
            Text("Only events with"),
            editor="condition",
            help=Text("Checks the event's properties."),
        ),
    )
    within: Duration | None = Field(
        None,
        description="Only events of the last so long: (now - within, now].",
        json_schema_extra=labelled(
            Text("In the last"),
            editor="duration",
            help=Text("Leave empty for any time ago."),
        ),
    )
    since_entry: bool = Field(
        False,
        description="Only events from the run's entry on.",
        json_schema_extra=labelled(Text("Only since entry")),
    )
    after: Instant | None = Field(
        None,
        description="Only events at or after this instant.",
        json_schema_extra=labelled(Text("Only since"), editor="date", advanced=True),
    )
    op: Operator = Field("gte", json_schema_extra=OPERATOR_FIELD)
    value: Operand = Field(1, json_schema_extra=OPERAND_FIELD)

    @model_validator(mode="after")
    def _shape(self) -> "History":
        if (self.measure in OF_A_PROPERTY) != (self.property is not None):
            raise ValueError(f"measure {self.measure!r} and a property do not go together as given")
        if self.where is not None and any(leaf.SCOPE != "event" for leaf in self.where.leaves()):
            raise ValueError("'where' may look at properties of the event only")
        return self

    def evaluate(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Verdict:
        instants, customer_events = customer.history.named(self.event)
        if self.measure == "count" and self.where is None:
            return self._count(instants, now)
        future, times, events = _window(self, customer, now)
        operand = bound_operand(self.value)
        value, per = measured(self.measure, self.property, times, events, now)
        truth = OPERATORS[self.op](value, scaled(operand, per))
        until = _arrival(self, instants, customer_events, future)
        if times:
            left = _departure(self, times, truth, operand)
            crossed = crossing(self.measure, self.op, times, now, operand)
            until = min((instant for instant in (until, left, crossed) if instant is not None), default=None)
        return Verdict(truth, until)

    def _count(self, instants: list[datetime], now: datetime) -> Verdict:
        """How often, whatever the event said: what is asked most, and no event has to be looked at for it."""
        start, end = _bounds(self, instants, now)
        operand, count = bound_operand(self.value), max(0, end - start)
        truth = OPERATORS[self.op](count, operand)
        future = max(start, end)
        until = instants[future] if future < len(instants) else None
        if count and self.within is not None:
            left = _departure(self, instants[start:end], truth, operand)
            if left is not None and (until is None or left < until):
                until = left
        return Verdict(truth, until)

    def bind(self, bindings: Bindings) -> "History":
        changes: dict[str, Any] = {}
        if isinstance(self.value, Ref):
            changes["value"] = bindings.resolve(self.value)
        if self.where is not None and (where := self.where.bind(bindings)) is not self.where:
            changes["where"] = where
        entered_at = bindings.entered_at
        if self.since_entry and entered_at is not None:
            later = self.after is not None and self.after > entered_at
            changes |= {"since_entry": False, "after": self.after if later else entered_at}
        return self.model_copy(update=changes) if changes else self

    def describe(self) -> Text:
        event = _event(self)
        number = not isinstance(self.value, str | bool | tuple | None) and self.op in _AMOUNT
        if self.measure == "count" and number:
            words = _counted(event, self)
        elif self.measure in _MEASURED and number:
            count = self.value if isinstance(self.value, int) else 2
            amount = _UNIT[self.measure].format(amount=value_words(self.value), count=count)
            words = _MEASURED[self.measure].format(event=event, amount=_AMOUNT[self.op].format(amount=amount))
        else:
            subject = _SUBJECT[self.measure].format(event=event, property=self.property)
            words = compared(subject, self.op, self.value)
        return _in_window(words, self)

    def opposite(self) -> "History | None":
        return self.model_copy(update={"op": OPPOSITE[self.op]}) if self.op in OPPOSITE else None

    def found(self, customer: Customer, now: datetime, event: CustomerEvent | None) -> Any:
        _, times, events = _window(self, customer, now)
        value, per = measured(self.measure, self.property, times, events, now)
        return value if per == 1 or value is None else Fraction(exact(value)) / Fraction(exact(per))

    def wakes_on(self) -> frozenset[str]:
        return frozenset({self.event})

    def history_of(self) -> frozenset[str]:
        return frozenset({self.event})

    def history_since(self, now: datetime) -> datetime | None:
        begins = [instant for instant in (window_start(self.within, now), self.after) if instant is not None]
        return max(begins, default=None)

    def deadlines_from(self, now: datetime) -> Mapping[str, datetime]:
        """Those that leave the window, or from which a measure grows; of all others those that lie in the future."""
        if self.measure in GROWING or self.within is not None:
            return {self.event: self.history_since(now) or EVER}
        return {self.event: now}

    def names(self) -> Iterator[Named]:
        yield Named("event", self.event)
        for leaf in self.where.leaves() if self.where is not None else ():
            yield from (used._replace(event=self.event) for used in leaf.names())

    def claim(self, truth: bool) -> Claim:
        # The JSON text tells 1 from true, which Python's equality would not.
        subject = self.model_dump_json(exclude={"op", "value"})
        none_ever = self.within == timedelta(0) or not can_match(self.where)
        return Claim(subject, compared_demands(self.op, self.value, truth), domain_of(self.measure, none_ever))


def window_start(within: timedelta | None, now: datetime) -> datetime | None:
    """The instant after which events count, or None where the window reaches back beyond all dates."""
    if within is None:
        return None
    try:
        return now - within
    except OverflowError:
        return None


def _window(leaf: History, customer: Customer, now: datetime) -> tuple[int, list[datetime], list[CustomerEvent]]:
    """Where the future begins in the log of that name, and the events that count."""
    instants, customer_events = customer.history.named(leaf.event)
    start, end = _bounds(leaf, instants, now)
    times, events = instants[start:end], customer_events[start:end]
    if leaf.where is not None:
        kept = [index for index, event in enumerate(events) if leaf.where.matches(event)]
        times, events = [times[index] for index in kept], [events[index] for index in kept]
    return max(start, end), times, events


def _bounds(leaf: History, instants: list[datetime], now: datetime) -> tuple[int, int]:
    """Where the window begins and ends in the log of that name. One that has not begun yet begins after its end."""
    end = bisect_right(instants, now)
    low = window_start(leaf.within, now)
    start = bisect_right(instants, low) if low is not None else 0
    if leaf.after is not None:
        start = max(start, bisect_left(instants, leaf.after))
    return start, end


def _arrival(
    leaf: History, instants: list[datetime], customer_events: list[CustomerEvent], start: int
) -> datetime | None:
    """When the next event that lies in the future comes into sight."""
    where = leaf.where
    ahead = range(start, len(instants))
    return next((instants[i] for i in ahead if where is None or where.matches(customer_events[i])), None)


def _departure(leaf: History, times: list[datetime], truth: bool, operand: Any) -> datetime | None:
    """When enough events have left the window to change the answer: exactly for counts, else the first that may."""
    if leaf.within is None:
        return None
    leaving: datetime | None = times[-1 if leaf.measure in UNTIL_THE_LAST_LEAVES else 0]
    if leaf.measure == "count":
        check, count = OPERATORS[leaf.op], len(times)
        leaving = next((times[gone] for gone in range(count) if check(count - gone - 1, operand) is not truth), None)
    try:
        return leaving + leaf.within if leaving is not None else None
    except OverflowError:
        return None


def _event(leaf: History) -> Text:
    event = verbatim(f"*{leaf.event}*")
    return event if leaf.where is None else Text("{event} ({where})", event=event, where=leaf.where.describe())


def _counted(event: Text, leaf: History) -> Text:
    if (leaf.op, leaf.value) in (("eq", 0), ("lt", 1), ("lte", 0)):
        return Text("no {event}", event=event)
    value = value_words(leaf.value)
    if leaf.op == "lt":
        return Text("{event} fewer than {value} times", event=event, value=value)
    return Text("{event} {times}", event=event, times=_AMOUNT[leaf.op].format(amount=_times(leaf.value, value)))


def _times(number: Any, value: Text) -> Text:
    if number == 1:
        return Text("once")
    return Text("twice") if number == 2 else Text("{value} times", value=value)


def _in_window(words: Text, leaf: History) -> Text:
    if leaf.after is not None:
        day = leaf.after.strftime("%Y-%m-%d %H:%M%z" if leaf.after.hour or leaf.after.minute else "%Y-%m-%d")
        words = Text("{words} since {day}", words=words, day=day)
    if leaf.since_entry:
        words = Text("{words} since entry", words=words)
    if leaf.within is not None:
        words = Text("{words} in {length}", words=words, length=span(leaf.within))
    return words
