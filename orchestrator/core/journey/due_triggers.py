"""Ways into a journey that come with time: a date of the customer's own, and a schedule. What is due, and when.

Both let a customer in by the event ``Entry Due`` in their log, at the instant when it was due. Nothing here reads a
clock or a store: who asks says which span of time is looked at, and gets every instant in it that is due.
"""

from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from orchestrator.core.events.ids import derived_event_id
from orchestrator.core.events.system_events import ENTRY_DUE
from orchestrator.core.labels import called, labelled
from orchestrator.core.text import Frozen, Text
from orchestrator.core.timing import local_day, resolve
from orchestrator.core.values import Day, GivenName, TimeOfDay

EARLIEST = date(2000, 1, 1)
_DAY = timedelta(days=1)
_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYMONTH", "BYSETPOS", "WKST"})
_FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY", "YEARLY"})
_BEFORE = Text("{count} day before *{attribute}* at {clock}", plural="{count} days before *{attribute}* at {clock}")
_AFTER = Text("{count} day after *{attribute}* at {clock}", plural="{count} days after *{attribute}* at {clock}")
_REPEATS = {
    "once": Text("on {day} at {clock}"),
    "daily": Text("every day at {clock}, from {day}"),
    "weekly": Text("every week at {clock}, from {day}"),
    "monthly": Text("every month at {clock}, from {day}"),
    "rule": Text("by the rule {rule} at {clock}, from {day}"),
}
_LOCAL_HELP = Text("In the customer's own time zone.")


class DateTrigger(Frozen):
    """A date among the customer's attributes comes near, is here, or was some days ago."""

    model_config = called(Text("On a date of the customer's"))
    kind: Literal["date"] = "date"
    attribute: GivenName = Field(
        max_length=200,
        json_schema_extra=labelled(
            Text("Attribute with the date"),
            editor="attribute_name",
            help=Text("Such as birthday or renews_on."),
        ),
    )
    offset_days: int = Field(
        0,
        ge=-366,
        le=3660,
        json_schema_extra=labelled(Text("Days after it"), help=Text("Negative: days before it.")),
    )
    at: TimeOfDay = Field(time(10), json_schema_extra=labelled(Text("At"), editor="time", help=_LOCAL_HELP))
    yearly: bool = Field(
        False,
        description="Birthdays and anniversaries: each year, 29 February on the 28th in other years.",
        json_schema_extra=labelled(Text("Every year"), help=Text("For birthdays and anniversaries.")),
    )

    @property
    def event(self) -> str:
        """Name of the event that lets them in; property ``journey`` says where."""
        return ENTRY_DUE

    @property
    def identity(self) -> str:
        """Tells it from others of its journey. The time of day is none of it: moved, it lets nobody in twice a day."""
        return f"date {self.attribute} {self.offset_days}{' yearly' if self.yearly else ''}"

    def words(self) -> Text:
        """In a line."""
        clock, attribute = f"{self.at:%H:%M}", self.attribute
        if self.offset_days:
            phrase = _BEFORE if self.offset_days < 0 else _AFTER
            words = phrase.format(count=abs(self.offset_days), attribute=attribute, clock=clock)
        else:
            words = Text("on *{attribute}* at {clock}", attribute=attribute, clock=clock)
        return Text("{words}, every year", words=words) if self.yearly else words

    def days(self, value: Any, tz: ZoneInfo, first: date, last: date) -> Iterator[date]:
        """The local days from ``first`` to ``last`` on which it is due for a customer whose attribute this is."""
        of = local_day(value, tz)
        if of is None:
            return
        for n in range((last - first).days + 1):
            day = first + n * _DAY
            try:
                base = day - timedelta(days=self.offset_days)
            except OverflowError:
                continue
            if base == of or (self.yearly and base > of and _same_day_of_year(base, of)):
                yield day


class ScheduleTrigger(Frozen):
    """A calendar, once or again and again, for everybody whom the journey's filter lets in."""

    model_config = called(Text("On a schedule"))
    kind: Literal["schedule"] = "schedule"
    on: Day = Field(ge=EARLIEST, json_schema_extra=labelled(Text("First on"), editor="date"))
    at: TimeOfDay = Field(time(10), json_schema_extra=labelled(Text("At"), editor="time"))
    repeat: Literal["once", "daily", "weekly", "monthly", "rule"] = Field(
        "once",
        json_schema_extra=labelled(
            Text("Repeats"),
            options={
                "once": Text("Once only"),
                "daily": Text("Every day"),
                "weekly": Text("Every week"),
                "monthly": Text("Every month"),
                "rule": Text("By a rule of its own"),
            },
            help=Text("Every month on the 31st means the last day of shorter months."),
        ),
    )
    rule: str = Field(
        "",
        max_length=300,
        description="An RRULE (RFC 5545) of days; for repeat rule.",
        json_schema_extra=labelled(
            Text("Rule"),
            help=Text("As calendars write it (RFC 5545): FREQ=WEEKLY;BYDAY=MO,TH or FREQ=MONTHLY;BYDAY=-1FR."),
            when={"repeat": ["rule"]},
        ),
    )
    zone: Literal["customer", "workspace"] = Field(
        "customer",
        json_schema_extra=labelled(
            Text("Time zone"),
            options={"customer": Text("Each customer's own"), "workspace": Text("The workspace's, for everybody")},
        ),
    )

    @model_validator(mode="after")
    def _readable(self) -> "ScheduleTrigger":
        if self.repeat == "rule":
            _read_rule(self.rule, self.on)
        return self

    @property
    def event(self) -> str:
        """Name of the event that lets them in; property ``journey`` says where."""
        return ENTRY_DUE

    @property
    def identity(self) -> str:
        """Tells it from others of its journey. The time of day is none of it: moved, it lets nobody in twice a day."""
        return f"schedule {self.on} {self.repeat} {self.rule}".strip()

    def words(self) -> Text:
        """In a line."""
        return _REPEATS[self.repeat].format(day=self.on.isoformat(), clock=f"{self.at:%H:%M}", rule=self.rule)

    def falls_on(self, first: date, last: date) -> tuple[date, ...]:
        """The days from ``first`` to ``last`` on which it is due."""
        if self.repeat == "once":
            return (self.on,) if first <= self.on <= last else ()
        return _occurrences(_rule_of(self), self.on, first, last)


DueTrigger = DateTrigger | ScheduleTrigger


@dataclass(frozen=True, slots=True)
class Due:
    """A customer's entry that is due. ``day``: on their calendar."""

    day: date
    at: datetime


def due_between(
    trigger: DueTrigger, value: Any, tz: ZoneInfo, workspace: ZoneInfo, after: datetime, until: datetime
) -> list[Due]:
    """What is due after an instant and until another, both included at the end only.

    Args:
        value: The customer's attribute, of a date trigger.
        tz: The customer's zone.
        workspace: The workspace's.
    """
    where = workspace if isinstance(trigger, ScheduleTrigger) and trigger.zone == "workspace" else tz
    first, last = after.astimezone(where).date() - _DAY, until.astimezone(where).date() + _DAY
    days = trigger.falls_on(first, last) if isinstance(trigger, ScheduleTrigger) else trigger.days(
        value, where, first, last
    )  # fmt: skip
    found = [Due(day, resolve(day, trigger.at, where)) for day in days]
    return [due for due in found if after < due.at <= until]


def anybody_due(trigger: DueTrigger, tz: ZoneInfo, workspace: ZoneInfo, after: datetime, until: datetime) -> bool:
    """Whether the time of day of a trigger comes round in that span in a zone: whether looking is worth it."""
    if isinstance(trigger, ScheduleTrigger):
        return bool(due_between(trigger, None, tz, workspace, after, until))
    first, last = after.astimezone(tz).date(), until.astimezone(tz).date() + _DAY
    days = (first + n * _DAY for n in range((last - first).days + 1))
    return any(after < resolve(day, trigger.at, tz) <= until for day in days)


def due_message(journey: str, trigger: DueTrigger, customer: str, day: date) -> str:
    """Message id of an entry that is due: the same whoever finds it, how often ever."""
    return derived_event_id(ENTRY_DUE, journey, trigger.identity, customer, day.isoformat())


def due_properties(journey: str, trigger: DueTrigger, day: date) -> dict[str, Any]:
    """What the event says. ``day``: on the customer's calendar."""
    told = {"journey": journey, "trigger": trigger.identity, "day": day.isoformat()}
    return told | ({"attribute": trigger.attribute} if isinstance(trigger, DateTrigger) else {})


def _same_day_of_year(base: date, of: date) -> bool:
    if (base.month, base.day) == (of.month, of.day):
        return True
    leap_day = (of.month, of.day) == (2, 29)
    return leap_day and (base.month, base.day) == (2, 28) and not isleap(base.year)


def _rule_of(trigger: ScheduleTrigger) -> str:
    match trigger.repeat:
        case "daily":
            return "FREQ=DAILY"
        case "weekly":
            return "FREQ=WEEKLY"
        case "monthly" if trigger.on.day > 28:  # the last of those that the month has
            days = ",".join(str(day) for day in range(28, trigger.on.day + 1))
            return f"FREQ=MONTHLY;BYMONTHDAY={days};BYSETPOS=-1"
        case "monthly":
            return "FREQ=MONTHLY"
    return trigger.rule


def _read_rule(rule: str, start: date) -> Any:
    """The rule as ``dateutil`` reads it. Raises ``PydanticCustomError`` for what is no rule of days."""
    parts = [part.partition("=") for part in rule.strip().upper().removeprefix("RRULE:").split(";")]
    names = {name.strip(): value.strip() for name, _, value in parts}
    if not names.keys() <= _PARTS or names.get("FREQ") not in _FREQUENCIES or len(names) < len(parts):
        raise PydanticCustomError("recurrence_rule", "no rule of days")
    text = ";".join(f"{name}={value}" for name, value in names.items())
    try:
        return rrulestr(text, dtstart=datetime.combine(start, time()))
    except (ValueError, TypeError, KeyError, AttributeError, IndexError, OverflowError):
        raise PydanticCustomError("recurrence_rule", "no rule of days") from None


@lru_cache(maxsize=1024)
def _occurrences(rule: str, start: date, first: date, last: date) -> tuple[date, ...]:
    dates = _read_rule(rule, start)
    begin = datetime.combine(max(first, start), time())
    return tuple(day.date() for day in dates.between(begin, datetime.combine(last, time()), inc=True))
