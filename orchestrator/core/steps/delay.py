"""delay: until a span has passed, or until a moment of the calendar, of the customer's data, or of their habit."""

from collections.abc import Iterator, Mapping
from datetime import datetime, time, timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field

from orchestrator.core.commands import Fact, Transition
from orchestrator.core.customers.facts import ATTRIBUTE, BEST_HOUR, OWN_INTERVAL, ZONE
from orchestrator.core.events.ids import fraction
from orchestrator.core.events.run_events import Committed, TimerFired
from orchestrator.core.formatting import WEEKDAY_TEXT, span
from orchestrator.core.labels import called, labelled
from orchestrator.core.steps.contract import (
    NEXT,
    Answer,
    ExitPort,
    Fault,
    Outcome,
    Port,
    Request,
    Span,
    Step,
    StepContext,
    Wait,
)
from orchestrator.core.steps.narration import NarrationContext, Waiting
from orchestrator.core.steps.references import Reference
from orchestrator.core.text import Frozen, Text, joined
from orchestrator.core.timing import local_day, next_anniversary, next_time_of_day, resolve, zone
from orchestrator.core.values import Day, GivenName, TimeOfDay

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Facts = Mapping[Fact, Any]
_ZONE, _BEST_HOUR = Fact(ZONE.name), Fact(BEST_HOUR.name)


LOCAL_HELP = Text("In the customer's own time zone.")


class _Form(Frozen):
    SHORTEST: ClassVar[timedelta] = timedelta(0)
    jitter: Span | None = Field(
        None,
        description="Spreads customers evenly over this span, each always the same.",
        json_schema_extra=labelled(
            Text("Spread over"),
            editor="duration",
            advanced=True,
            help=Text("Customers who would continue at the same moment are spread evenly over this time."),
        ),
    )

    def facts(self) -> tuple[Fact, ...]:
        """What must be known of the customer."""
        return ()

    def references(self) -> Iterator[Reference]:
        """What it names of the workspace."""
        return iter(())

    def longest(self, now: datetime, time_zone: str) -> timedelta | None:
        """The longest that it may last from now on, unspread; None: without bound."""
        return None

    def shortest(self) -> timedelta:
        """The shortest that it lasts each time round; none where the time may have come already."""
        return self.SHORTEST

    def until(self, now: datetime, facts: Facts) -> datetime | None:
        """The instant, or None where the customer's data does not give one."""
        raise NotImplementedError

    def words(self) -> Text:
        """The form in words."""
        raise NotImplementedError


class ForDuration(_Form):
    """For a span of time, from the moment the run gets here."""

    model_config = called(Text("For a time"))
    mode: Literal["duration"] = "duration"
    duration: Span = Field(json_schema_extra=labelled(Text("How long"), editor="duration"))

    def longest(self, now: datetime, time_zone: str) -> timedelta:
        return self.duration

    def shortest(self) -> timedelta:
        return self.duration

    def until(self, now: datetime, facts: Facts) -> datetime | None:
        return now + self.duration

    def words(self) -> Text:
        length = span(self.duration)
        return Text("Wait {length}", length=length)


class UntilTimeOfDay(_Form):
    """Until the next local time of day, on any weekday or on some."""

    model_config = called(Text("Until a time of day"))
    SHORTEST: ClassVar = timedelta(days=1)  # the first round may be shorter, the others are not
    mode: Literal["time_of_day"] = "time_of_day"
    at: TimeOfDay = Field(json_schema_extra=labelled(Text("At"), editor="time", help=LOCAL_HELP))
    weekdays: tuple[Weekday, ...] = Field(
        (),
        max_length=7,
        description="None named: every day.",
        json_schema_extra=labelled(
            Text("Days of the week"),
            options=WEEKDAY_TEXT,
            help=Text("None selected: every day."),
        ),
    )

    def facts(self) -> tuple[Fact, ...]:
        return (_ZONE,)

    def longest(self, now: datetime, time_zone: str) -> timedelta:
        return timedelta(days=7 if self.weekdays else 1)

    def until(self, now: datetime, facts: Facts) -> datetime | None:
        days = frozenset(WEEKDAYS.index(day) for day in self.weekdays) or None
        return next_time_of_day(now, self.at, zone(facts[_ZONE]), days)

    def words(self) -> Text:
        clock = f"{self.at:%H:%M}"
        if not self.weekdays:
            return Text("Wait until {clock}", clock=clock)
        days = joined((WEEKDAY_TEXT[day] for day in self.weekdays), Text(", ", context="weekdays"))
        return Text("Wait until {days} {clock}", days=days, clock=clock)


class UntilDate(_Form):
    """Until a local date and time, the same for everybody."""

    model_config = called(Text("Until a date"))
    mode: Literal["date"] = "date"
    date: Day = Field(json_schema_extra=labelled(Text("Date"), editor="date"))
    at: TimeOfDay = Field(time(10), json_schema_extra=labelled(Text("At"), editor="time", help=LOCAL_HELP))

    def facts(self) -> tuple[Fact, ...]:
        return (_ZONE,)

    def longest(self, now: datetime, time_zone: str) -> timedelta:
        return max(timedelta(0), resolve(self.date, self.at, zone(time_zone)) - now)

    def until(self, now: datetime, facts: Facts) -> datetime | None:
        return resolve(self.date, self.at, zone(facts[_ZONE]))

    def words(self) -> Text:
        moment = f"{self.date} {self.at:%H:%M}"
        return Text("Wait until {moment}", moment=moment)


class UntilAttribute(_Form):
    """Until a date among the customer's attributes, some days before or after, once or every year."""

    model_config = called(Text("Until a date of the customer's"))
    mode: Literal["attribute"] = "attribute"
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
        json_schema_extra=labelled(
            Text("Days after it"),
            help=Text("Negative: days before it."),
        ),
    )
    at: TimeOfDay = Field(time(10), json_schema_extra=labelled(Text("At"), editor="time", help=LOCAL_HELP))
    yearly: bool = Field(
        False,
        description="Birthdays and anniversaries: the next one.",
        json_schema_extra=labelled(
            Text("Every year"),
            help=Text("For birthdays and anniversaries: waits for the next one."),
        ),
    )

    def facts(self) -> tuple[Fact, ...]:
        return (_ZONE, self._date)

    @property
    def _date(self) -> Fact:
        return Fact(ATTRIBUTE.name, self.attribute)

    def references(self) -> Iterator[Reference]:
        yield Reference("attribute", self.attribute, "settings.attribute")

    def longest(self, now: datetime, time_zone: str) -> timedelta | None:
        return timedelta(days=366) if self.yearly else None

    def until(self, now: datetime, facts: Facts) -> datetime | None:
        tz, offset = zone(facts[_ZONE]), timedelta(days=self.offset_days)
        day = local_day(facts[self._date], tz)
        if day is None:
            return None
        if self.yearly:
            return next_anniversary(now, day, self.at, tz, offset)
        return resolve(day + offset, self.at, tz)

    def words(self) -> Text:
        days, name = abs(self.offset_days), self.attribute
        if not days:
            return Text("Wait until {name}", name=name)
        if self.offset_days < 0:
            return Text(
                "Wait until {count} day before {name}",
                plural="Wait until {count} days before {name}",
                count=days,
                name=name,
            )
        return Text(
            "Wait until {count} day after {name}",
            plural="Wait until {count} days after {name}",
            count=days,
            name=name,
        )


class UntilBestHour(_Form):
    """Until the hour of the day at which this customer is usually active."""

    model_config = called(Text("Until the customer's best hour"))
    SHORTEST: ClassVar = timedelta(days=1)
    mode: Literal["best_hour"] = "best_hour"
    otherwise: TimeOfDay = Field(
        time(10),
        description="For a customer with too little history.",
        json_schema_extra=labelled(
            Text("If not known yet"),
            editor="time",
            help=Text("For a customer with too little history."),
        ),
    )

    def facts(self) -> tuple[Fact, ...]:
        return (_ZONE, _BEST_HOUR)

    def longest(self, now: datetime, time_zone: str) -> timedelta:
        return timedelta(days=1)

    def until(self, now: datetime, facts: Facts) -> datetime | None:
        hour = facts[_BEST_HOUR]
        return next_time_of_day(now, self.otherwise if hour is None else time(int(hour)), zone(facts[_ZONE]))

    def words(self) -> Text:
        return Text("Wait until the customer's best hour")


class ForOwnInterval(_Form):
    """Until this customer's own mean interval between events of one name has passed since the last of them."""

    model_config = called(Text("For the customer's own interval"))
    mode: Literal["own_interval"] = "own_interval"
    event: GivenName = Field(
        max_length=200,
        json_schema_extra=labelled(
            Text("Event"),
            editor="event_name",
            help=Text("Uses each customer's average interval between two of these events."),
        ),
    )
    factor: float = Field(1.0, gt=0, le=10, json_schema_extra=labelled(Text("Times the interval"), advanced=True))
    otherwise: Span = Field(
        timedelta(days=30),
        description="From now, for a customer with fewer than two.",
        json_schema_extra=labelled(
            Text("If not known yet"),
            editor="duration",
            help=Text("For a customer with fewer than two of the events."),
        ),
    )
    at_least: Span = Field(
        timedelta(days=1),
        description="From now.",
        json_schema_extra=labelled(Text("At least"), editor="duration", advanced=True),
    )

    def facts(self) -> tuple[Fact, ...]:
        return (self._interval,)

    @property
    def _interval(self) -> Fact:
        return Fact(OWN_INTERVAL.name, self.event)

    def references(self) -> Iterator[Reference]:
        yield Reference("event", self.event, "settings.event")

    def shortest(self) -> timedelta:
        return min(self.otherwise, self.at_least)

    def until(self, now: datetime, facts: Facts) -> datetime | None:
        if facts[self._interval] is None:
            return now + self.otherwise
        last, days = facts[self._interval]
        return max(datetime.fromisoformat(last) + timedelta(days=days * self.factor), now + self.at_least)

    def words(self) -> Text:
        times = "" if self.factor == 1 else f"{self.factor:g} × "
        return Text("Wait {times}the customer's own interval of {event}", times=times, event=self.event)


DelaySettings = Annotated[
    ForDuration | UntilTimeOfDay | UntilDate | UntilAttribute | UntilBestHour | ForOwnInterval,
    Field(discriminator="mode"),
]


class Delay(Step):
    """The deadline is an absolute instant, computed once, when the step is entered."""

    kind: Literal["delay"] = "delay"
    settings: DelaySettings = Field(json_schema_extra=labelled(Text("Wait", context="way of waiting")))

    TITLE: ClassVar[Text] = Text("Delay")
    MEANING: ClassVar[Text] = Text("Waits for a set time, or until one.")
    HELP: ClassVar[Text] = Text(
        "Use it to wait between two steps: for a set time, or until a time of day, a date, a date from the "
        "customer's attributes, or the hour when they are usually active. Exit rules and goals still apply "
        "during the wait. Example: wait 1 day, then send a reminder."
    )
    DEFAULTS: ClassVar[Mapping[str, Any]] = {"mode": "duration", "duration": "P1D"}
    FAMILY: ClassVar = "wait"
    ICON: ClassVar[str] = "clock"
    SUMMARY_LINES: ClassVar[int] = 2
    MISSING: ClassVar[Port] = Port("missing", Text("No such date"), required=False)

    def ports(self) -> tuple[Port, ...]:
        return (NEXT, self.MISSING) if isinstance(self.settings, UntilAttribute) else (NEXT,)

    @classmethod
    def rough_ports(cls, settings: Mapping[str, Any]) -> tuple[Port, ...]:
        return (NEXT, cls.MISSING) if settings.get("mode") == "attribute" else (NEXT,)

    def summary(self) -> Text:
        return self.settings.words()

    def shortest_stay(self) -> timedelta:
        return self.settings.shortest()

    def references(self) -> Iterator[Reference]:
        return self.settings.references()

    def longest_stay(self, now: datetime, time_zone: str) -> timedelta | None:
        longest = self.settings.longest(now, time_zone)
        return None if longest is None else longest + (self.settings.jitter or timedelta(0))

    def faults_at(self, now: datetime, time_zone: str) -> Iterator[Fault]:
        settings = self.settings
        if isinstance(settings, UntilDate) and resolve(settings.date, settings.at, zone(time_zone)) <= now:
            gone = Text("The date {day} has passed: customers continue without waiting.", day=settings.date)
            yield Fault("settings.date", gone, code="date_gone_by")

    def narrate_wait(self, waiting: Waiting, narration: NarrationContext) -> Text:
        return (
            self.summary()
            if waiting.until is None
            else Text("Waits until {until}", until=narration.time(waiting.until))
        )

    def narrate_exit(self, left: Transition, narration: NarrationContext) -> Text:
        if left.port == self.MISSING.name:
            name = left.note.get("attribute") or ""
            return self.through(left.port, Text("this customer has no date “{name}”", name=name))
        if narration.waiting is None and narration.seen:
            return Text("Did not wait: the time had already passed")
        return Text("Waited until {at}", at=narration.time(left.at))

    def enter(self, context: StepContext) -> Outcome:
        facts = self.settings.facts()
        return Request(facts=facts) if facts else self._rest(context, {})

    def resume(self, context: StepContext, answer: Answer) -> Outcome | None:
        if isinstance(answer, Committed):
            return self._rest(context, dict(zip(self.settings.facts(), answer.facts, strict=True)))
        return ExitPort() if isinstance(answer, TimerFired) else None

    def _rest(self, context: StepContext, facts: Facts) -> Outcome:
        try:
            until = self.settings.until(context.now, facts)
            if until is not None and self.settings.jitter:
                until += self.settings.jitter * fraction(context.id_for("jitter"))
        except OverflowError:  # a date such as 0001-01-01, which some zone puts before all dates
            until = None
        if until is None:
            return ExitPort("missing", {"attribute": getattr(self.settings, "attribute", "")})
        return Wait(until) if until > context.now else ExitPort()
