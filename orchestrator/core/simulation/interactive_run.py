"""A test run: one customer walked through one journey over a virtual clock, with the reason of every decision.

The simulator walks, so the step function is the one of the real runs; this looks over its shoulder and writes down
what was asked and what was found. Messages are decided and composed as at a real send. Nothing is sent.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from orchestrator.core.commands import Command, Commit, Transition
from orchestrator.core.commands import Send as SendCommand
from orchestrator.core.conditions.customer import Customer
from orchestrator.core.conditions.explain import explain
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.run_events import Sent
from orchestrator.core.events.system_events import SYSTEM_EVENTS
from orchestrator.core.journey.plan import Plan
from orchestrator.core.messages.compose import Composed
from orchestrator.core.messages.context import template_context
from orchestrator.core.messages.render import MessageWords, NoTemplateContent
from orchestrator.core.messages.template_document import LiveTemplate, empty_live_template
from orchestrator.core.run.routing import REASONS as ENTRY_REASONS
from orchestrator.core.run.routing import Routes
from orchestrator.core.sending import decision as sending
from orchestrator.core.sending.advertising import Sender, missing_sender
from orchestrator.core.sending.decide import decide
from orchestrator.core.sending.policies import KR, Policy
from orchestrator.core.sending.reasons import outcome_in_words
from orchestrator.core.simulation.narrate import narrate, title
from orchestrator.core.simulation.outcome import Entered, SimulatedRun, SimulatedSend
from orchestrator.core.simulation.simulator import (
    Person,
    Simulator,
    count,
    recipient_of,
    room_for,
)
from orchestrator.core.steps.contract import Step
from orchestrator.core.steps.message import MessageSettings, Sending
from orchestrator.core.steps.narration import NarrationContext, Scope, Waiting
from orchestrator.core.templating.engine import RenderFailed, TemplateSyntaxProblem
from orchestrator.core.text import Names, Text, joined
from orchestrator.core.timing import zone

MOST_TURNS = 20_000
"""Turns of runs in one test run; a journey that goes round every second would otherwise never end."""
FAR_AHEAD = 200
"""Deadlines that are looked past for the next at which something is seen to happen."""


EXAMPLE_LINKS: Mapping[str, str] = {
    name: f"https://example.com/{name}" for name in ("unsubscribe", "preferences", "survey")
}
"""Stand for the links of a real send, of which a test run makes none."""


@dataclass(frozen=True)
class RunEnvironment:
    """What messages need of the workspace."""

    policy: Policy = KR
    sender: Sender = field(default_factory=Sender)
    settings: Mapping[str, Any] = field(default_factory=dict)
    locale: str = "ko"
    templates: Mapping[str, LiveTemplate] = field(default_factory=dict)
    """Those that steps of the journey name, as they are now."""
    links: Mapping[str, str] = field(default_factory=lambda: dict(EXAMPLE_LINKS))
    names: Names = field(default_factory=dict)
    """What surveys, pools and other journeys are called."""

    @property
    def known_sender(self) -> Sender:
        """Who sends, with the way out that every message has of its own."""
        sender = self.sender
        return sender if sender.opt_out_url else replace(sender, opt_out_url=self.links.get("unsubscribe", ""))

    def words(self, settings: MessageSettings) -> MessageWords:
        """What a step says. A template that is not in use is one without words."""
        named = settings.template
        return MessageWords(settings, None if named is None else self.templates.get(named, empty_live_template(named)))


@dataclass(frozen=True)
class NarratedSend:
    """One decision on a message. ``content`` is there where it would go out."""

    run: str
    send: SimulatedSend
    until: datetime | None
    text: Text
    content: Composed | None
    decision: sending.Decision | None = None


@dataclass(frozen=True)
class NarratedEntry:
    """A trigger fired."""

    at: datetime
    event: str
    admitted: bool
    reason: str
    text: Text


@dataclass(frozen=True)
class NarratedEvent:
    """One event of the script, and what came of it."""

    at: datetime
    name: str
    text: Text


class TooLong(Exception):
    """More happens than a test run shows. ``at``: so far it came."""

    def __init__(self, at: datetime) -> None:
        super().__init__(at)
        self.at = at


@dataclass
class _Notes:
    """What was seen of one run."""

    scopes: dict[int, Scope] = field(default_factory=dict)
    waiting: dict[tuple[str, int], Waiting] = field(default_factory=dict)
    answers: dict[tuple[str, int], tuple[tuple[bool, Text], ...]] = field(default_factory=dict)
    rules: dict[str, Text] = field(default_factory=dict)
    sent: dict[tuple[str, int], Text] = field(default_factory=dict)
    asked: dict[tuple[str, int], datetime] = field(default_factory=dict)
    seen: int = 0


class InteractiveRun(Simulator):
    """One test run. :meth:`play` it, then read it."""

    def __init__(
        self,
        plan: Plan,
        person: Person,
        until: datetime,
        environment: RunEnvironment,
        customer: Mapping[str, Any],
        locale: str = "",
        others: Sequence[Plan] = (),
    ) -> None:
        """``others``: journeys beside it, which may start each other and it; what is told is told of all of them."""

        def never(person: Person, settings: MessageSettings, now: datetime) -> tuple[Sent, str]:
            raise AssertionError("a test run decides its own messages")

        super().__init__(Routes((plan, *others)), person, until, never, timedelta(0))
        self.plan = plan
        self.environment = environment
        self.customer = customer
        self.locale = locale
        self.tz: ZoneInfo = zone(person.zone)
        self.sends: list[NarratedSend] = []
        self.entries: list[NarratedEntry] = []
        self.heard: list[NarratedEvent] = []
        self.too_long: datetime | None = None
        self._notes: dict[str, _Notes] = {}
        self._turns = 0

    def play(self, events: Sequence[CustomerEvent]) -> None:
        """Walk; where too much happens, stop there and say so in ``too_long``."""
        self.bounded(lambda: self.walk(events))

    def bounded(self, walk: Callable[[], object]) -> None:
        """Do something that may have no end."""
        try:
            walk()
        except TooLong as error:
            self.too_long = error.at
        except RuntimeError:  # it starts itself without end
            self.too_long = max((run.entered_at for run in self.runs), default=self.until)

    @property
    def runs(self) -> list[SimulatedRun]:
        """In the order in which they began."""
        return self.result.runs

    def trace(self, run: SimulatedRun) -> tuple[Transition, ...]:
        """Every line of a run, also those that it has not committed yet."""
        return (*run.transitions, *run.state.unrecorded)

    def text(self, run: SimulatedRun, one: Transition) -> Text:
        """One line in words."""
        told = narrate(self.plan_of(run), one, self._narration(run, one.step, one.occurrence, one.seq))
        return told.naming(self.environment.names)

    def standing(self, run: SimulatedRun) -> Text:
        """What a run under way waits for."""
        state = run.state
        visit = state.occurrences.get(state.step, 1)
        narration = self._narration(run, state.step, visit, state.seq)
        waiting = self._note(run).waiting.get((state.step, visit)) or Waiting(state.until, state.memo)
        told, sent = self.plan_of(run).steps[state.step].narrate_wait(waiting, narration), narration.sent
        return (told if sent is None or "held" not in waiting.memo else sent).naming(self.environment.names)

    def next_at(self) -> datetime | None:
        """The next instant at which something is seen to happen by itself. The walk is over after this."""
        before, at = self._shown(), None
        if self.too_long is not None:
            return None
        try:
            for _ in range(FAR_AHEAD):
                due = [run.timer for run in self.live.values() if run.timer is not None]
                if not due:
                    return None
                at = min(due)
                self.timers_before(at + timedelta(microseconds=1))
                if self._shown() != before:
                    return at
        except (TooLong, RuntimeError, OverflowError):
            return at
        return at

    def _shown(self) -> tuple[int, int]:
        return sum(run.state.seq for run in self.runs), len(self.sends)

    def _note(self, run: SimulatedRun) -> _Notes:
        return self._notes.setdefault(run.run_id, _Notes())

    def _narration(self, run: SimulatedRun, step: str, visit: int, seq: int) -> NarrationContext:
        notes, place = self._note(run), (step, visit)
        scope = notes.scopes.get(seq, Scope(run.state.entry, run.state.event, run.state.variables, run.state.began))
        plan = self.plan_of(run)
        answers = notes.answers.get(place) or self._answers_of_entry(plan.steps.get(step), scope)
        called, waiting = partial(title, plan), notes.waiting.get(place)
        return NarrationContext(called, self.tz, scope, waiting, answers, notes.rules, notes.sent.get(place))

    @staticmethod
    def _answers_of_entry(node: Step | None, scope: Scope) -> tuple[tuple[bool, Text], ...]:
        """Of a step that asks nothing of the customer, because the entry event decides it."""
        if node is None or scope.began is None:
            return ()
        bound = [scope.bound(asked.condition) for asked in node.conditions() if asked.scope == "entry"]
        return tuple((False, explain(one, Customer(), scope.began, scope.entry)) for one in bound)

    # --- looking over the simulator's shoulder ----------------------------------------------------------------------

    def route(self, customer_event: CustomerEvent, now: datetime) -> None:
        """As the simulator does, with a note of what came of it."""
        before = {run.run_id: (run.state.seq, run.state.step) for run in self.live.values()}
        runs = list(self.live.values())
        entries = len(self.result.entries)
        super().route(customer_event, now)
        fresh = [self._entry(customer_event, one) for one in self.result.entries[entries:]]
        self.entries += fresh
        told = [one.text for one in fresh]
        told += [
            text for run in runs if (text := self._effect(run, before[run.run_id], customer_event, now)) is not None
        ]
        if not told and customer_event.name in SYSTEM_EVENTS:
            return  # what the journey itself caused, and nobody asked for, is no news
        if not told:
            told = [Text("No step in this journey is waiting for it now")]
        words = joined(told, " · ")
        self.heard.append(NarratedEvent(now, customer_event.name, words))

    def _entry(self, customer_event: CustomerEvent, entered: Entered) -> NarratedEntry:
        at, reason, entry = entered.at, entered.admission.reason, self.plans[entered.journey].journey.entry
        words, filter = ENTRY_REASONS[reason], entry.filter
        if reason == "filter" and filter is not None:
            why = explain(filter, self.person.view(), max(at, customer_event.occurred_at), customer_event)
            words = Text("{words}: {why}", words=words, why=why)
        elif reason == "no_key":
            words = Text("{words}: “{key}”", words=words, key=entry.key)
        return NarratedEntry(at, customer_event.name, reason == "admitted", reason, words)

    def _effect(
        self, run: SimulatedRun, before: tuple[int, str], customer_event: CustomerEvent, now: datetime
    ) -> Text | None:
        (seq, name), plan = before, self.plan_of(run)
        step = title(plan, name)
        if run.state.seq != seq:
            line = next((one for one in self.trace(run) if one.seq == seq + 1), None)
            told = None if line is None else self.text(run, line)
            return None if told is None else Text("“{step}”: {told}", step=step, told=told)
        node = plan.steps.get(name)
        scope = Scope(run.state.entry, run.state.event, run.state.variables, run.state.began)
        asked = [
            explain(scope.bound(awaited.where), Customer(), now, customer_event)
            for awaited in (() if node is None else node.awaits())
            if awaited.event == customer_event.name and awaited.where is not None
        ]
        if not asked:
            return None
        return Text("“{step}” keeps waiting: {reasons}", step=step, reasons=joined(asked, " · "))

    def advanced(self, run: SimulatedRun, commands: Sequence[Command]) -> None:
        """Writes down what references found, and how the run now rests."""
        self._turns += 1
        if self._turns > MOST_TURNS:
            raise TooLong(run.transitions[-1].at if run.transitions else run.entered_at)
        notes, state = self._note(run), run.state
        committed = [one for command in commands if isinstance(command, Commit) for one in command.transitions]
        scope = Scope(state.entry, state.event, state.variables, state.began)
        for one in (*committed, *state.unrecorded):
            if one.seq > notes.seen:
                notes.scopes[one.seq] = scope
                notes.seen = one.seq
        if state.doing == "rest":
            place = state.step, state.occurrences.get(state.step, 1)
            notes.waiting[place] = Waiting(state.until, state.memo)

    def asked(self, run: SimulatedRun, commit: Commit, view: Customer, as_of: datetime) -> None:
        """Writes down why each condition holds or does not."""
        notes, state = self._note(run), run.state
        told = [explain(condition, view, as_of, commit.entry) for condition in commit.ask]
        if state.committing == "answer":
            place = state.step, state.occurrences.get(state.step, 1)
            notes.answers[place] = tuple((False, one) for one in told[: state.answers])
        for rule, why in zip(self.plan_of(run).watched, told[state.answers :], strict=False):
            notes.rules[rule.reason or rule.id] = why

    def send(self, run: SimulatedRun, command: SendCommand, now: datetime) -> Sent:
        """Decides and composes one message, and keeps it."""
        step = self.plan_of(run).steps[command.step]
        if not isinstance(step, Sending):
            return super().send(run, command, now)
        settings = step.settings
        sent, told = self._decided(run, command, settings, now)
        self.result.sends.append(told.send)
        self.sends.append(told)
        self._note(run).sent[command.step, command.occurrence] = told.text
        return sent

    def _decided(
        self, run: SimulatedRun, command: SendCommand, settings: MessageSettings, now: datetime
    ) -> tuple[Sent, NarratedSend]:
        person, settings = self.person, self.environment.words(settings).strictest
        decision = decide(
            sending.Outgoing(
                (settings.channel, *settings.fallback), settings.message_class, settings.tags, settings.same_goods
            ),
            recipient_of(person),
            self.environment.policy,
            sending.SendContext(
                wanted=self.wanted(run, settings, now),
                counted=room_for(person, now),
                unsaid=missing_sender(self.environment.policy, self.environment.known_sender),
            ),
            now,
        )
        channel: str = settings.channel
        reason, until, composed = None, None, None
        if isinstance(decision, sending.Send):
            channel = decision.channel
            composed, reason, until = self._composed(run, command, settings, channel, now)
        elif isinstance(decision, sending.Hold):
            channel, reason, until = decision.channel, decision.reason, decision.until
        else:
            reason = decision.reason
        if reason is None:
            count(person, settings, channel, now)
        outcome: Any = "held" if until is not None else "skipped" if reason is not None else "sent"
        code = reason.code if reason else ""
        simulated = SimulatedSend(run.journey, command.step, command.occurrence, channel, now, outcome, code)
        text = self._reasons(outcome, channel, reason, decision.passed)
        shown = composed if outcome == "sent" else None
        told = NarratedSend(run.run_id, simulated, until, text, shown, decision)
        return Sent(now, outcome, code, until), told

    def _reasons(
        self, outcome: str, channel: str, reason: sending.Reason | None, passed: Mapping[str, sending.Reason]
    ) -> Text:
        over = {one: why.as_json() for one, why in passed.items()}
        return outcome_in_words(outcome, channel, reason.as_json() if reason else None, over, self.tz)

    def _composed(
        self, run: SimulatedRun, command: SendCommand, settings: MessageSettings, channel: str, now: datetime
    ) -> tuple[Composed | None, sending.Reason | None, datetime | None]:
        words = self.environment.words(settings)
        locales = (self.locale, self.environment.locale)
        try:
            composed = words.compose(
                channel, self._context(run), self.environment.policy, self.environment.sender, locales, self.tz
            )
        except (RenderFailed, TemplateSyntaxProblem, NoTemplateContent) as fault:
            return None, sending.Reason("template_failed", {"detail": str(fault)}), None
        first = self._note(run).asked.setdefault((command.step, command.occurrence), now)
        reason, wait = words.refusal(composed, now - first)
        return composed, reason, now + wait if wait else None

    def _context(self, run: SimulatedRun) -> dict[str, Any]:
        state, person = run.state, self.person
        known = {"stage": person.stage, "tags": list(person.tags), "time_zone": person.zone}
        customer = {**person.attributes, **self.customer, **known}
        environment = self.environment
        return template_context(
            customer, state.entry, state.event, state.variables, environment.settings, environment.links
        )
