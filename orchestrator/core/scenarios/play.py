"""Playing a script: the simulator, with what the world outside answers, and with events that come late.

Time is the run's own, as on Temporal (``workflows.run_time``): an event that arrives late is acted on now, and counts
from when it happened; a message that is settled late counts from when it was.
"""

import copy
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from orchestrator.core.commands import Command, Commit, Transition
from orchestrator.core.commands import Send as SendCommand
from orchestrator.core.coupons.pool import PoolDocument, VirtualPools
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.ids import derived_event_id
from orchestrator.core.events.run_events import Ejected, Event, EventReceived, Sent, Started, TimerFired
from orchestrator.core.events.system_events import (
    CONSENT_CHANGED,
    CUSTOMER_UPDATED,
    SEGMENT_ENTERED,
    SEGMENT_LEFT,
    SURVEY_ANSWERED,
)
from orchestrator.core.journey.plan import Plan
from orchestrator.core.scenarios.script import Answers, Changes, Happens, Outside, Script, Stops, Timed
from orchestrator.core.sending import decision as sending
from orchestrator.core.sending.advertising import Sender
from orchestrator.core.simulation.due_entries import Calendar
from orchestrator.core.simulation.interactive_run import InteractiveRun, NarratedSend, RunEnvironment, TooLong
from orchestrator.core.simulation.outcome import SimulatedRun
from orchestrator.core.steps.coupon import Coupon
from orchestrator.core.steps.message import MessageSettings, Sending
from orchestrator.core.steps.survey import Survey
from orchestrator.core.templating.request_template import found_in
from orchestrator.core.timing import PROMPT

MOST_TURNS = 2_000
"""Turns of runs in one playing: more is a loop that hardly waits."""
EXAMPLE_SENDER = Sender("Example shop", "+82200000000")
"""Says who sends, where a scenario's workspace does not: without it no advertisement would go out."""


def _example_pools(plans: Sequence[Plan]) -> Mapping[str, PoolDocument]:
    """Every pool that the journeys take codes from, with words for what a code is worth: messages say them."""
    steps = [step for plan in plans for step in plan.journey.steps]
    keys = {step.settings.pool for step in steps if isinstance(step, Coupon)}
    return {key: PoolDocument(name={"en": key}, worth={"en": "10%"}, valid_days=30) for key in keys}


class Observer:
    """Looks on at a playing. Every method does nothing unless it is overridden."""

    def arriving(self, run: "ScenarioRun", event: CustomerEvent) -> None:
        """An event is about to be offered to journeys and runs."""

    def routed(self, run: "ScenarioRun", event: CustomerEvent) -> None:
        """It has been, with what each run did at once; what follows from that is yet to be routed."""

    def finished(self, run: "ScenarioRun") -> None:
        """The script is at its end."""

    def passed(self, run: "ScenarioRun", one: SimulatedRun, line: Transition) -> None:
        """A run has written a line of its trace; the customer is as the run saw them."""

    def decided(self, run: "ScenarioRun", one: SimulatedRun, told: NarratedSend) -> None:
        """A message was decided."""


class ScenarioRun(InteractiveRun):
    """One playing of a script. :meth:`perform` it, then read it."""

    def __init__(
        self, plans: Sequence[Plan], script: Script, environment: RunEnvironment, observers: Iterable["Observer"] = ()
    ) -> None:
        person = copy.deepcopy(script.person)
        first, *others = plans
        super().__init__(first, person, script.until, environment, script.known, person.locale or "", others)
        self.script = script
        self.results: dict[str, Any] = {}
        self.pools = VirtualPools(
            _example_pools(plans), time_zone=person.zone, locale=person.locale or environment.locale
        )
        self.sources["coupon"] = self.pools
        self.answered = 0
        self._taken = 0
        self._presents: dict[str, datetime] = {}
        self._lines: dict[str, list[Transition]] = {}
        self.observers = tuple(observers)
        for one in script.history:
            person.log.add(one)
        for plan in plans:
            for key in plan.segments:
                person.segments.setdefault(key, False)
        self._calendar = Calendar(plans, script.workspace_zone, script.start)

    def perform(self) -> "ScenarioRun":
        """Play it to its end; where too much happens, stop there and say so in ``too_long``."""
        self.bounded(self._perform)
        for observer in self.observers:
            observer.finished(self)
        return self

    def _perform(self) -> None:
        for act in self.script.acts:
            if act.at > self.until:
                break
            self._pass_time(act.at)
            self._do(act)
        self._pass_time(self.until + timedelta(microseconds=1))

    def _pass_time(self, until: datetime) -> None:
        """Timers fire, and customers come in by their dates and by the calendar."""
        while self._calendar:
            due = self._calendar.next(self.person, until)
            timer = self.timers[0][0] if self.timers and self.timers[0][0] < until else None
            if due is not None and (timer is None or due.occurred_at <= timer):
                self.arrive(self._calendar.take(), max(due.occurred_at, self.now))
            elif timer is not None:
                self.timers_before(timer + timedelta(microseconds=1))
            else:
                break
            self._calendar.passed(self.now)
        self._calendar.passed(until)
        self.timers_before(until)

    def _do(self, act: Timed) -> None:
        match act.what:
            case Happens(event):
                self.arrive(event, act.at)
            case Answers():
                self._answer(act.what, act.at)
            case Changes():
                self._change_customer(act.what, act.at)
            case Outside(results, pools):
                self.results |= results
                self._set_pools(pools)
            case Stops(reason):
                self.now = act.at
                for run in list(self.live.values()):
                    self._feed(run, Ejected(self._present(run), reason))
                self._settle(act.at)

    def _set_pools(self, pools: Mapping[str, str]) -> None:
        empty = {name for name, state in pools.items() if state == "empty"}
        self.pools.closed = (self.pools.closed - pools.keys()) | empty
        for name, state in pools.items():
            if state == "had":
                self.pools.had.setdefault((self.person.id, name), "before")

    def route(self, customer_event: CustomerEvent, now: datetime) -> None:
        """With observers before and after."""
        for observer in self.observers:
            observer.arriving(self, customer_event)
        super().route(customer_event, now)
        for observer in self.observers:
            observer.routed(self, customer_event)

    def advanced(self, run: SimulatedRun, commands: Sequence[Command]) -> None:
        """Each line is seen as soon as it is written, whether it is committed yet or not."""
        super().advanced(run, commands)
        self._taken += 1
        if self._taken > MOST_TURNS:
            raise TooLong(self.now)
        lines = self._lines.setdefault(run.run_id, [])
        committed = [line for command in commands if isinstance(command, Commit) for line in command.transitions]
        for line in (*committed, *run.state.unrecorded):
            if line.seq > len(lines):
                lines.append(line)
                for observer in self.observers:
                    observer.passed(self, run, line)

    def written(self, run: SimulatedRun) -> int:
        """How many lines a run has written."""
        return len(self._lines.get(run.run_id, ()))

    def trace(self, run: SimulatedRun) -> tuple[Transition, ...]:
        return tuple(self._lines.get(run.run_id, ()))

    def _answer(self, answer: Answers, at: datetime) -> None:
        """As the survey's page tells it: in the name of the run that asked."""
        self.answered += 1
        told: dict[str, Any] = {"survey": answer.survey, "group": answer.group}
        told |= {} if answer.score is None else {"score": answer.score}
        asked = next((run for run in self.live.values() if self._asks(run, answer.survey)), None)
        told |= {} if asked is None else {"run": asked.run_id, "journey": asked.journey, "step": asked.state.step}
        message_id = derived_event_id(SURVEY_ANSWERED, answer.survey, str(self.answered))
        self.arrive(CustomerEvent(message_id, SURVEY_ANSWERED, at, told), at)

    def _asks(self, run: SimulatedRun, survey: str) -> bool:
        step = self.plan_of(run).steps[run.state.step]
        return isinstance(step, Survey) and step.settings.survey == survey and "asked" in run.state.memo

    def _change_customer(self, change: Changes, at: datetime) -> None:
        """As intake does it: the profile first, then the events that tell of it."""
        person, before = self.person, dict(self.person.consents)
        for name, value in change.attributes.items():
            if value is None:
                person.attributes.pop(name, None)
            else:
                person.attributes[name] = value
        person.contacts |= change.contacts
        person.known |= {name: value for name, value in change.contacts.items() if name in ("email", "phone")}
        kept = [tag for tag in person.tags if tag not in change.remove_tags]
        person.tags = [*kept, *(tag for tag in change.add_tags if tag not in kept)]
        person.zone = change.time_zone or person.zone
        granted = sorted(name for name, said in change.consents.items() if said)
        withdrawn = sorted(name for name, said in change.consents.items() if not said)
        if granted or withdrawn:
            person.refused = (person.refused | set(withdrawn)) - set(granted)
            told: dict[str, Any] = {"granted": [name for name in granted if not before.get(name)]}
            told |= {"confirmed": [name for name in granted if before.get(name)], "withdrawn": withdrawn}
            self._told(CONSENT_CHANGED, {name: value for name, value in told.items() if value}, at)
        if change.attributes or change.contacts or change.add_tags or change.remove_tags or change.time_zone:
            self._told(CUSTOMER_UPDATED, dict(change.attributes), at)
        for name, keys in ((SEGMENT_ENTERED, change.enters), (SEGMENT_LEFT, change.leaves)):
            for key in keys:
                if person.segments.get(key) is not (name == SEGMENT_ENTERED):
                    self._told(name, {"segment": key}, at)

    def _told(self, name: str, properties: dict[str, Any], at: datetime) -> None:
        message_id = derived_event_id(name, str(len(self.person.log)))
        self.person.log.told.add(message_id)
        self.arrive(CustomerEvent(message_id, name, at, properties), at)

    # --- time ------------------------------------------------------------------------------------------------------

    def _present(self, run: SimulatedRun) -> datetime:
        return self._presents.get(run.run_id, run.entered_at)

    def _feed(self, run: SimulatedRun, event: Event) -> None:
        """What happened before it arrived is told with the instant at which it happened, and acted on now."""
        if isinstance(event, Started) and event.entry is not None:
            event = replace(event, now=event.entry.occurred_at)
        elif isinstance(event, EventReceived):
            self._timers_first(run, event.customer_event)
            event = replace(event, now=max(self._present(run), event.customer_event.occurred_at))
        self._presents[run.run_id] = present = event.now
        before, self.lag = self.lag, max(self.now - present, timedelta(0))
        try:
            super()._feed(run, event)
        finally:
            self.lag = before

    def _timers_first(self, run: SimulatedRun, customer_event: CustomerEvent) -> None:
        """An event tells that a deadline before it has come, even where its timer is yet to be seen to."""
        while run.live and run.timer is not None and run.timer < customer_event.occurred_at:
            due, run.timer = run.timer, None
            self._feed(run, TimerFired(due))

    # --- the world outside -------------------------------------------------------------------------------------------

    def send(self, run: SimulatedRun, command: SendCommand, now: datetime) -> Sent:
        """As a real send, with what the script says of the world outside."""
        if now - self._present(run) > PROMPT:
            self._presents[run.run_id] = now
        return self._sent(run, command, now)

    def _sent(self, run: SimulatedRun, command: SendCommand, now: datetime) -> Sent:
        step = self.plan_of(run).steps[command.step]
        if isinstance(step, Sending):
            sent = super().send(run, command, now)
            for observer in self.observers:
                observer.decided(self, run, self.sends[-1])
            return sent
        said = self.results.get(step.id, "ok")
        mapping: Mapping[str, str] = getattr(getattr(step, "settings", None), "response", {})
        if isinstance(said, Mapping):
            return Sent(now, "sent", values={name: found_in(said["answer"], path) for name, path in mapping.items()})
        if said in ("failed", "unreachable"):
            return Sent(now, "skipped", "failed")
        # What is not said of its answer leaves the variables as they were.
        return Sent(now, "sent", values={name: run.state.variables.get(name) for name in mapping})

    def _decided(
        self, run: SimulatedRun, command: SendCommand, settings: MessageSettings, now: datetime
    ) -> tuple[Sent, NarratedSend]:
        """Channel after channel, as long as a provider says that nobody can be reached there."""
        while True:
            sent, told = super()._decided(run, command, settings, now)
            said = self._said_of(command.step, told.send.channel) if sent.outcome == "sent" else "ok"
            if said == "unknown":
                return self._otherwise(sent, told, "unknown", "ambiguous")
            if said != "unreachable":
                return sent, told
            self.person.counted.pop()  # what did not arrive has a place under no cap
            words = self.environment.words(settings).strictest
            channels = (words.channel, *words.fallback)
            rest = channels[channels.index(told.send.channel) + 1 :]
            if not rest:
                return self._otherwise(sent, told, "skipped", "unreachable")
            settings = settings.model_copy(update={"channel": rest[0], "fallback": rest[1:]})

    def _said_of(self, step: str, channel: str) -> Any:
        """What the provider answers; the step's own word before that on a channel."""
        return self.results.get(step, self.results.get(channel, "ok"))

    def _otherwise(self, sent: Sent, told: NarratedSend, outcome: Any, code: Any) -> tuple[Sent, NarratedSend]:
        reason = sending.Reason(code, {"channel": told.send.channel})
        text = self._reasons(outcome, told.send.channel, reason, {})
        send = replace(told.send, outcome=outcome, reason=code)
        content = told.content if outcome == "unknown" else None
        return replace(sent, outcome=outcome, reason=code), replace(told, send=send, text=text, content=content)


def play(
    plans: Sequence[Plan], script: Script, environment: RunEnvironment, observers: Iterable[Observer] = ()
) -> ScenarioRun:
    """Play a script through journeys. The same script gives the same run, each time."""
    return ScenarioRun(plans, script, environment, observers).perform()
