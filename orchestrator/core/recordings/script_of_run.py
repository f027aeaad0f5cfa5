"""A run that was, as a script: who the customer was when it began, what happened to them, what the world answered."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from orchestrator.core.channels.registry import consent_names
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import (
    CONSENT_CHANGED,
    CUSTOMER_UPDATED,
    STAGE_CHANGED,
    SURVEY_ANSWERED,
    SYSTEM_EVENTS,
)
from orchestrator.core.recordings.made_up import MadeUp
from orchestrator.core.recordings.recorded_run import RecordedEvent, RecordedRun
from orchestrator.core.recordings.world_outside import outside_of
from orchestrator.core.scenarios.reading import REACHABLE
from orchestrator.core.scenarios.script import Answers, Changes, Happens, Script, Stops, Timed, What
from orchestrator.core.simulation.looked_at import LooksAt
from orchestrator.core.simulation.simulator import Person
from orchestrator.core.timing import PROMPT

STOPPED_BY_HAND = frozenset({"operator", "stopped"})
"""Reasons of ends that no journey has of itself."""
MOST_BEFORE = 200
_ABOUT = frozenset(
    {"journey", "step", "occurrence", "channel", "segment", "trigger", "day", "attribute", "pool", "link"}
)
"""Properties of the product's own events that say what of the workspace they are about, and nothing of anybody."""
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Attempt:
    """A way of writing a run down. ``seed``: who the customer is to experiments; ``exact``: instants as they were, else
    to the second; reads better, and two of them may fall together."""

    seed: str
    exact: bool


class RunScript:
    """Writes a run down without what is of a person."""

    def __init__(self, run: RecordedRun, made_up: MadeUp | None = None) -> None:
        self.run = run
        self.looks_at = LooksAt(run.plan, {key: one.document.model_dump() for key, one in run.templates.items()})
        self.made_up = made_up or MadeUp(run.plan, run.began)
        self._own = run.added_events()
        self._events = [one for one in run.events if one.event.message_id not in self._own]
        self._before = [one for one in run.before if self.looks_at.event(one.name)][-MOST_BEFORE:]
        self._ids = [one.message_id for one in (*self._before, *(told.event for told in run.events))]

    def key(self) -> str:
        """What tells the run from others of its customer, as the script says it."""
        return "" if not self.run.key else str(self.made_up.value("key", self.run.key))

    def script(self, attempt: Attempt) -> Script:
        """The script of the run."""
        start = self._at(self.run.began, attempt)
        end = self._at(self.run.end, attempt) + _SECOND
        acts = sorted(self._acts(attempt), key=lambda one: one.at)
        before = tuple(self._told(one, one.occurred_at) for one in self._before)
        return Script(start, end, self._person(attempt.seed), tuple(acts), before)

    def _at(self, instant: datetime, attempt: Attempt) -> datetime:
        if attempt.exact:
            return instant
        began = self.run.began
        return began.replace(microsecond=0) + round((instant - began) / _SECOND) * _SECOND

    def _acts(self, attempt: Attempt) -> Iterator[Timed]:
        """What was first at one instant comes first: how the world outside stands, then what happened."""
        yield from (Timed(self._at(one.at, attempt), one.what) for one in outside_of(self.run, self.made_up))
        for one in self._events:
            event = one.event
            occurred, late = self._at(event.occurred_at, attempt), one.arrived - event.occurred_at > PROMPT
            what = self._what(one, occurred)
            if what is not None:
                yield Timed(self._at(one.arrived, attempt) if late else occurred, what)
        ended = self.run.ended
        if ended is not None and ended.port in STOPPED_BY_HAND:
            yield Timed(self._at(self.run.end, attempt), Stops(ended.port))

    def _what(self, one: RecordedEvent, at: datetime) -> What | None:
        """As an act; None for what is none of the customer's doing, or nothing to the journey."""
        event = one.event
        if event.message_id == self.run.entry:
            return Happens(self._told(event, at))
        if event.name == CUSTOMER_UPDATED:
            changed = self._attributes(event.properties)
            return Changes(changed) if changed else None
        if event.name == CONSENT_CHANGED:
            return Changes(consents=dict(_consents(event)))
        if event.name == SURVEY_ANSWERED:
            return self._answer(event)
        heard = event.name != STAGE_CHANGED and self.looks_at.event(event.name)
        return Happens(self._told(event, at)) if heard else None

    def _answer(self, event: CustomerEvent) -> What | None:
        told = event.properties
        if told.get("run", self.run.run_id) != self.run.run_id or "group" not in told:
            return None
        score = told.get("score")
        return Answers(str(told.get("survey")), str(told["group"]), score if isinstance(score, int) else None)

    def _told(self, event: CustomerEvent, at: datetime) -> CustomerEvent:
        about = _ABOUT if event.name in SYSTEM_EVENTS else frozenset()
        kept = [name for name in event.properties if name in about or self.looks_at.property(name)]
        told = {name: self.made_up.value(name, event.properties[name]) for name in kept}
        return CustomerEvent(f"event-{self._ids.index(event.message_id) + 1:03d}", event.name, at, told)

    def _attributes(self, given: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self.made_up.value(name, value) for name, value in given.items() if self.looks_at.attribute(name)}

    # --- who the customer was when it began -------------------------------------------------------------------------

    def _person(self, seed: str) -> Person:
        now = self.run.person
        contacts = {kind: self._contact(kind, now.contacts.get(kind)) for kind in {**REACHABLE, **now.contacts}}
        contacts.pop("customer", None)
        return Person(
            seed,
            self._attributes(self._attributes_then()),
            self._consents_then(),
            contacts,
            [tag for tag in now.tags if self.looks_at.tag(tag)],
            self._stage_then(),
            now.zone,
            locale=now.locale,
        )

    def _contact(self, kind: str, address: str | None) -> str | None:
        if not address:
            return None
        usual = REACHABLE.get(kind)
        if kind == "phone" and not address.startswith("+82"):
            return f"{address[:3]}{'2025550100'[: max(6, len(address) - 3)]}"  # of the same country, and nobody's
        return usual if usual is not None else f"{kind}-1"

    def _attributes_then(self) -> dict[str, Any]:
        """What was said of an attribute since, was not so before; what was said last before that, was."""
        then = dict(self.run.person.attributes)
        since = {name for one in self.run.events if one.event.name == CUSTOMER_UPDATED for name in one.event.properties}
        known: dict[str, Any] = {}
        for event in self.run.before:
            if event.name == CUSTOMER_UPDATED:
                known |= event.properties
        for name in since:
            then.pop(name, None)
            if known.get(name) is not None:
                then[name] = known[name]
        return then

    def _consents_then(self) -> dict[str, bool]:
        now = self.run.person.consents
        then = {name: now.get(name) is True for name in consent_names()}
        for one in reversed(self.run.events):
            if one.event.name == CONSENT_CHANGED:
                granted = {str(name) for name in one.event.properties.get("granted") or ()}
                then |= {name: name not in granted for name, _ in _consents(one.event)}
        return then

    def _stage_then(self) -> str | None:
        first = next((one.event for one in self.run.events if one.event.name == STAGE_CHANGED), None)
        return self.run.person.stage if first is None else first.properties.get("from")


def _consents(event: CustomerEvent) -> Iterator[tuple[str, bool]]:
    for word, said in (("granted", True), ("confirmed", True), ("withdrawn", False)):
        yield from ((str(name), said) for name in event.properties.get(word) or ())
