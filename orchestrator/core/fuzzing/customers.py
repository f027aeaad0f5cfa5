"""Made-up customers: who they are, and what happens to them in which order. The same seed makes the same ones.

Times meet on purpose: at once, at the very deadline, a second before and after it; events come late, doubled and out of
order; consent is withdrawn on the way, addresses go, providers fail, pools run empty.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from orchestrator.core.conditions.binding import bind
from orchestrator.core.conditions.compare import nested
from orchestrator.core.conditions.contract import Node
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.fuzzing.vocabulary import FuzzVocabulary
from orchestrator.core.scenarios.reading import REACHABLE
from orchestrator.core.scenarios.script import Answers, Changes, Happens, Outside, Script, Stops, Timed, What
from orchestrator.core.simulation.example_events import passing
from orchestrator.core.simulation.simulator import Person
from orchestrator.core.zone_settings import DEFAULT_ZONE

MOST_ACTS = 12
STARTS = (
    datetime(2026, 1, 5, 1, tzinfo=UTC),
    datetime(2026, 1, 5, 11, 59, tzinfo=UTC),  # a minute before the night begins in Korea
    datetime(2026, 3, 28, 15, 30, tzinfo=UTC),  # hours before clocks change in Europe
    datetime(2028, 2, 28, 22, tzinfo=UTC),  # the eve of a 29 February
    datetime(2026, 12, 31, 14, 59, 59, tzinfo=UTC),  # a second before the year is over in Korea
)
ZONES = (DEFAULT_ZONE, DEFAULT_ZONE, "Europe/Berlin", "America/Los_Angeles")
OTHER_WORDS = ("other", 0, 10_000, True, "")


class Customers:
    """Makes up scripts for journeys."""

    def __init__(self, vocabulary: FuzzVocabulary, random: Random) -> None:
        self.vocabulary = vocabulary
        self.random = random
        self._made = 0
        acts: list[tuple[int, Callable[[datetime, CustomerEvent], What]]] = [
            (12, self._event),
            (2, self._again),
            (3, self._change),
            (3 if vocabulary.surveys else 0, self._answer),
            (2 if vocabulary.channels or vocabulary.webhooks or vocabulary.pools else 0, self._outside),
            (1, self._stop),
        ]
        self._acts = [make for weight, make in acts for _ in range(weight)]
        self._known: list[CustomerEvent] = []

    def fresh(self) -> Script:
        """A new customer, to whom something happens that may let them in, and then more."""
        choose, self._known = self.random, []
        start = choose.choice(STARTS)
        entry = self._entry(start)
        acts, at = [Timed(start, Happens(entry))], start
        for _ in range(choose.randrange(MOST_ACTS + 1)):
            at += self._gap()
            acts.append(Timed(at, choose.choice(self._acts)(at, entry)))
        return Script(start, self._later(start, at), self._person(start), tuple(acts), self._history(start), {})

    def changed(self, script: Script) -> Script:
        """A script a little different from another."""
        choose, acts = self.random, list(script.acts)
        self._known = [one.what.event for one in acts if isinstance(one.what, Happens)]
        entry = self._known[0] if self._known else replace(self._entry(script.start), message_id="first")
        match choose.randrange(4):
            case 0 if len(acts) > 1:
                acts.pop(choose.randrange(1, len(acts)))
            case 1 if len(acts) > 1:
                place = choose.randrange(1, len(acts))
                acts[place] = _moved(acts[place], acts[place - 1].at + self._gap())
            case 2:
                return replace(script, person=self._person(script.start))
            case _:
                at = choose.choice(acts).at + self._gap()
                acts.append(Timed(at, choose.choice(self._acts)(at, entry)))
        acts.sort(key=lambda one: one.at)
        return replace(script, acts=tuple(acts), until=self._later(script.start, acts[-1].at))

    def _later(self, start: datetime, last: datetime) -> datetime:
        """Whole days after the start, and long enough after the last act."""
        return start + timedelta(days=(last - start).days + 1) + self.vocabulary.afterwards

    # --- who they are ------------------------------------------------------------------------------------------------

    def _person(self, start: datetime) -> Person:
        choose, told = self.random, self.vocabulary
        consents = {name: choose.random() < 0.8 for name in told.consents}
        contacts = {kind: value if choose.random() < 0.9 else None for kind, value in REACHABLE.items()}
        person = Person(f"customer-{choose.randrange(1 << 30)}", self._attributes(), consents, contacts)
        person.zone, person.consented_at = (
            choose.choice(ZONES),
            {name: start for name, said in consents.items() if said},
        )
        person.segments = {key: choose.random() < 0.4 for key in told.segments}
        return person

    def _attributes(self) -> dict[str, Any]:
        choose = self.random
        return {name: self._value(name) for name in self.vocabulary.values if choose.random() < 0.6}

    def _value(self, name: str) -> Any:
        values = self.vocabulary.values[name]
        return self.random.choice(values) if values and self.random.random() < 0.9 else self.random.choice(OTHER_WORDS)

    def _history(self, start: datetime) -> tuple[CustomerEvent, ...]:
        choose = self.random
        found: list[CustomerEvent] = []
        while self.vocabulary.events and choose.random() < 0.35:
            known = choose.choice(self.vocabulary.events)
            at = start - self._gap() - timedelta(seconds=1)
            found.append(CustomerEvent(f"before-{len(found)}", known.name, at, self._properties(known.where, None)))
        return tuple(found)

    # --- what happens ------------------------------------------------------------------------------------------------

    def _gap(self) -> timedelta:
        choose = self.random
        span = choose.choice(self.vocabulary.spans)
        match choose.randrange(8):
            case 0:
                return timedelta(0)
            case 1:
                return span + timedelta(seconds=1)
            case 2:
                return max(span - timedelta(seconds=1), timedelta(0))
            case 3:
                return timedelta(seconds=choose.randrange(200_000))
            case 4:
                return span / 2
        return span

    def _entry(self, at: datetime) -> CustomerEvent:
        if not self.vocabulary.entries:
            return self._named("Nothing", {}, at)
        told = self.random.choice(self.vocabulary.entries)
        properties = dict(told["properties"])
        for key in self.vocabulary.keys:
            if self.random.random() < 0.5:
                properties |= nested(key, self.random.choice(("c1", "c2")))
        for name in self.vocabulary.mentioned:
            if "." not in name and self.random.random() < 0.3:
                properties.setdefault(name, self.random.choice(("c1", 10, 50_000)))
        return self._named(told["name"], properties, at)

    def _named(self, name: str, properties: dict[str, Any], at: datetime) -> CustomerEvent:
        self._made += 1
        event = CustomerEvent(f"event-{self._made}", name, at, properties)
        self._known.append(event)
        return event

    def _event(self, at: datetime, entry: CustomerEvent) -> Happens:
        """One that something listens for, mostly such that it counts; or one that lets the customer in again."""
        choose = self.random
        occurred = at - self._gap() if choose.random() < 0.15 else at
        if not self.vocabulary.events or choose.random() < 0.2:
            again = self._entry(occurred)
            return Happens(replace(again, properties={**again.properties, **self._same_key(entry)}))
        known = choose.choice(self.vocabulary.events)
        return Happens(self._named(known.name, self._properties(known.where, entry), occurred))

    def _same_key(self, entry: CustomerEvent) -> Mapping[str, Any]:
        return entry.properties if self.random.random() < 0.5 else {}

    def _properties(self, where: Node | None, entry: CustomerEvent | None) -> dict[str, Any]:
        """Such as pass a filter, most times."""
        if where is None or self.random.random() < 0.15:
            return dict(entry.properties) if entry is not None and self.random.random() < 0.5 else {}
        try:
            return passing(bind(where, entry, entry))
        except (TypeError, ValueError):
            return {}

    def _again(self, at: datetime, entry: CustomerEvent) -> Happens:
        """What has come before comes again, with the same id."""
        known = [event for event in self._known if event.occurred_at <= at]
        return Happens(self.random.choice(known or [entry]))

    def _change(self, at: datetime, entry: CustomerEvent) -> Changes:
        choose, told = self.random, self.vocabulary
        match choose.randrange(4):
            case 0 if told.consents:
                return Changes(consents={choose.choice(told.consents): choose.random() < 0.4})
            case 1:
                return Changes(contacts={choose.choice(tuple(REACHABLE)): None})
            case 2:
                return Changes(time_zone=choose.choice(ZONES))
            case 3 if told.segments:
                return self._move(choose.choice(told.segments))
        names = tuple(told.values)
        return Changes(
            attributes={name: self._value(name) for name in (choose.choice(names),)} if names else {"other": 1}
        )

    def _move(self, segment: str) -> Changes:
        """Into a segment, or out of it."""
        return Changes(enters=(segment,)) if self.random.random() < 0.6 else Changes(leaves=(segment,))

    def _answer(self, at: datetime, entry: CustomerEvent) -> Answers:
        survey = self.random.choice(tuple(self.vocabulary.surveys))
        return Answers(
            survey, self.random.choice((*self.vocabulary.surveys[survey], "nobody")), self.random.randrange(11)
        )

    def _outside(self, at: datetime, entry: CustomerEvent) -> Outside:
        choose, told = self.random, self.vocabulary
        if told.pools and choose.random() < 0.4:
            return Outside(pools={choose.choice(told.pools): choose.choice(("empty", "empty", "open", "had"))})
        if told.webhooks and choose.random() < 0.5:
            return Outside({choose.choice(told.webhooks): choose.choice(("failed", "ok"))})
        if told.channels:
            return Outside({choose.choice(told.channels): choose.choice(("unreachable", "unknown", "ok"))})
        return Outside()

    def _stop(self, at: datetime, entry: CustomerEvent) -> Stops:
        return Stops("by_hand")


def _moved(one: Timed, at: datetime) -> Timed:
    """The same at another time; an event keeps how late it is."""
    if isinstance(one.what, Happens):
        late = one.at - one.what.event.occurred_at
        return Timed(at, Happens(replace(one.what.event, occurred_at=at - late)))
    return Timed(at, one.what)
