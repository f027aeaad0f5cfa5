"""Simulator: a driver of ``run.advance`` over a virtual clock.

Customers do not meet, so each is walked on their own: their events in order, the timers of their runs between them.
Nothing is random and no clock is read; the same input gives the same walk. Preview, tests and back-tests are this.
"""

import heapq
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import uuid5

from orchestrator.core.commands import Command, Commit, Fact, FinishRun, Interest, Send, SetTimer
from orchestrator.core.conditions.customer import Customer, Log
from orchestrator.core.conditions.evaluate import evaluate
from orchestrator.core.customers.profile import apply_change
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.ids import NAMESPACE, run_id, workflow_id
from orchestrator.core.events.run_events import Committed, Event, EventReceived, Moved, Sent, Started, TimerFired
from orchestrator.core.events.system_events import CONSENT_CHANGED, SEGMENT_ENTERED, SEGMENT_LEFT
from orchestrator.core.facts import FactSource, fact, fact_kinds
from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.advance import advance
from orchestrator.core.run.routing import Admission, Past, Routes, admit, by_time, consequences, run_key
from orchestrator.core.sending import decision as sending
from orchestrator.core.sending.decide import decide
from orchestrator.core.sending.frequency import LONGEST, Counted
from orchestrator.core.sending.policies import KR, Policy, Rules
from orchestrator.core.simulation.outcome import Entered, SimulatedRun, SimulatedSend
from orchestrator.core.steps.message import MessageSettings, Sending, still_wanted
from orchestrator.core.timing import PROMPT
from orchestrator.core.zone_settings import DEFAULT_ZONE

MOST_AT_ONCE = 10_000
"""Events that one event may lead to in one instant, before journeys are taken to start each other without end."""


@dataclass
class Person:
    """A simulated customer. Changes as journeys change it."""

    id: str
    attributes: dict[str, Any] = field(default_factory=dict)
    consents: dict[str, bool] = field(default_factory=dict)
    contacts: dict[str, str | None] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    stage: str | None = None
    zone: str = DEFAULT_ZONE
    log: Log = field(default_factory=Log)
    locale: str | None = None
    consented_at: dict[str, datetime] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()
    """Consents that the customer themselves refused: no journey gives them back."""
    complaint: bool = False
    known: dict[str, Any] = field(default_factory=dict)
    """What else templates may say of them, such as ``external_id``."""
    counted: list[Counted] = field(default_factory=list)
    """What frequency caps count of what was sent; the simulator adds to it."""
    time_zone: str | None = None
    """Their own, where it is known; ``zone`` is what counts."""
    segments: dict[str, bool] = field(default_factory=dict)
    """By key, whether they are in it. Changed by what the log says of it alone."""

    def view(self) -> Customer:
        """As conditions see it."""
        own = {"locale": self.locale, "time_zone": self.time_zone, **self.contacts, **self.known}
        return Customer(
            self.attributes,
            self.consents,
            self.stage,
            self.zone,
            self.log,
            self.consented_at,
            tags=self.tags,
            contact=own,
            devices=[name for name, address in self.contacts.items() if address],
            segments=self.segments,
        )

    def agree(self, name: str, at: datetime) -> None:
        """A consent is given, or confirmed."""
        self.consents[name], self.consented_at[name] = True, at

    def refuse(self, name: str) -> None:
        """A consent is withdrawn."""
        self.consents[name] = False
        self.consented_at.pop(name, None)


SendPolicy = Callable[[Person, MessageSettings, datetime], tuple[Sent, str]]
"""Decides one message: the result, and the channel. The same decision as at a real send, minus the sending."""


@lru_cache(maxsize=1024)
def _customer_id(person: str) -> str:
    return str(uuid5(NAMESPACE, person))


def recipient_of(person: Person) -> sending.Recipient:
    """A simulated customer as a decision sees them."""
    contacts = {"customer": _customer_id(person.id), **person.contacts}
    consents = person.consents, person.zone, person.consented_at
    return sending.Recipient(contacts, *consents, person.locale, person.complaint)


def room_for(person: Person, now: datetime) -> tuple[Counted, ...]:
    """What frequency caps may count at an instant; what is too old for any of them is forgotten."""
    oldest = now - LONGEST
    person.counted = [one for one in person.counted if one.at > oldest]
    return tuple(person.counted)


def count(person: Person, settings: MessageSettings, channel: str, now: datetime) -> None:
    """Remember what was sent, for the caps."""
    person.counted.append(Counted(str(len(person.counted)), now, channel, settings.message_class, settings.tags))


def compliant(rules: Policy | Rules = KR) -> SendPolicy:
    """The courier that decides as a workspace with these rules does; every provider works, every address answers.

    How long a message has waited it does not remember, so none is given up for having waited too long for its cap.
    """

    def send_policy(person: Person, settings: MessageSettings, now: datetime) -> tuple[Sent, str]:
        channels = (settings.channel, *settings.fallback)
        message = sending.Outgoing(channels, settings.message_class, settings.tags, settings.same_goods)
        recipient = recipient_of(person)
        policy = rules if isinstance(rules, Policy) else rules(recipient.country)
        standing = sending.SendContext(counted=room_for(person, now) if policy.caps else ())
        match decide(message, recipient, policy, standing, now):
            case sending.Send(channel=channel):
                count(person, settings, channel, now)
                return Sent(now, "sent"), channel
            case sending.Hold(until=until, reason=reason, channel=channel):
                return Sent(now, "held", reason.code, until), channel
            case sending.Skip(reason=reason):
                return Sent(now, "skipped", reason.code), settings.channel

    return send_policy


@dataclass
class SimulationResult:
    """All that happened to one customer."""

    person: Person
    entries: list[Entered] = field(default_factory=list)
    runs: list[SimulatedRun] = field(default_factory=list)
    sends: list[SimulatedSend] = field(default_factory=list)


def walk(
    routes: Routes,
    person: Person,
    events: Sequence[CustomerEvent],
    until: datetime,
    send_policy: SendPolicy,
    lag: timedelta = timedelta(0),
    sources: Mapping[str, FactSource] | None = None,
) -> SimulationResult:
    """Walk one customer through live plans.

    Args:
        routes: The plans, by what lets people in.
        person: The customer before the first event; changed in passing.
        events: Their events; any order.
        until: The walk ends here; what is still under way stays under way.
        courier: Decides the messages.
        lag: How long after its cause a run acts, as on a busy server. It moves no deadline, for these count from what
            happened; but what a run asks and sends, it asks and sends so much later.
        sources: Answer facts by kind, in the place of those that a kind brings along (``core.facts``): coupon pools,
            which have codes for everybody unless they are given.
    """
    simulator = Simulator(routes, person, until, send_policy, lag)
    simulator.sources |= sources or {}
    return simulator.walk(events)


def _names(customer_event: CustomerEvent, *lists: str) -> list[str]:
    found = [customer_event.properties.get(name) for name in lists]
    return [str(name) for names in found if isinstance(names, list | tuple) for name in names]


def fact_sources() -> dict[str, FactSource]:
    """A new source for each kind of fact that simulations answer in a way of their own."""
    return {kind.name: kind.simulated() for kind in fact_kinds().values() if kind.simulated is not None}


class Simulator:
    """One customer's walk. A test run (``core.simulation.interactive_run``) looks over its shoulder: at what was
    asked, and answered."""

    def __init__(
        self, routes: Routes, person: Person, until: datetime, send_policy: SendPolicy, lag: timedelta
    ) -> None:
        self.routes = routes
        self.lag = lag
        self.plans: Mapping[str, Plan] = {plan.key: plan for plan in routes.plans}
        self.result = SimulationResult(person)
        self.person = person
        self.until = until
        self.send_policy = send_policy
        self.timers: list[tuple[datetime, int, SimulatedRun, datetime]] = []
        self.count = 0
        self.arriving: deque[CustomerEvent] = deque()
        self.live: dict[str, SimulatedRun] = {}
        self.last_entered: dict[str, datetime] = {}
        self.now = datetime.min.replace(tzinfo=UTC)
        """The instant of what is happening: of an arrival, or of a timer."""
        self.sources = fact_sources()
        self.workspace_holdout = 0  # percent

    def walk(self, events: Sequence[CustomerEvent]) -> SimulationResult:
        for customer_event in by_time(events):
            if customer_event.occurred_at > self.until:
                break
            self.timers_before(customer_event.occurred_at)
            self.arrive(customer_event, customer_event.occurred_at)
        self.timers_before(self.until + timedelta(microseconds=1))
        return self.result

    def timers_before(self, instant: datetime) -> None:
        """Fire what is due before an event; what is due at its very instant comes after it, for the event wins."""
        while self.timers and self.timers[0][0] < instant:
            at, _, run, due = heapq.heappop(self.timers)
            self.now = at
            if run.live and run.timer == due:
                run.timer = None
                self._feed(run, TimerFired(due))
                self._settle(at)

    def arrive(self, customer_event: CustomerEvent, now: datetime) -> None:
        """An event comes, with all that follows at once."""
        self.now = now
        if customer_event.name == CONSENT_CHANGED:  # elsewhere it tells of what was done; here it is all there is
            for name in _names(customer_event, "granted", "confirmed"):
                self.person.agree(name, customer_event.occurred_at)
            for name in _names(customer_event, "withdrawn"):
                self.person.refuse(name)
        if customer_event.name in (SEGMENT_ENTERED, SEGMENT_LEFT):
            key = str(customer_event.properties.get("segment"))
            self.person.segments[key] = customer_event.name == SEGMENT_ENTERED
        self._store(customer_event)
        self._settle(now)

    def _store(self, customer_event: CustomerEvent) -> None:
        if self.person.log.add(customer_event):
            self.arriving.append(customer_event)

    def _settle(self, now: datetime) -> None:
        """Route what is stored, and what that leads to, until nothing is left."""
        for _ in range(MOST_AT_ONCE):
            if not self.arriving:
                return
            self.route(self.arriving.popleft(), now)
        raise RuntimeError(f"the journeys {', '.join(sorted(self.plans))} start each other without end at {now}")

    def route(self, customer_event: CustomerEvent, now: datetime) -> None:
        """Offer an event to the journeys, and to the runs that listen for it."""
        entrants = [(plan, self._decide(plan, customer_event, now)) for plan in self.routes.triggered(customer_event)]
        name = customer_event.name
        for run in [run for run in self.live.values() if name in run.state.listening]:
            self._feed(run, EventReceived(now, customer_event))
        for plan, entered in entrants:
            if entered is not None:
                self._start(plan, *entered, customer_event, now)

    def _decide(self, plan: Plan, customer_event: CustomerEvent, now: datetime) -> tuple[str, str] | None:
        """The key and the workflow id of the run to start, or None where the customer does not enter."""
        key = run_key(plan, customer_event)
        identity = "" if key is None else workflow_id(plan.key, self.person.id, key)
        if key is None:
            admission = Admission(False, "no_key")
        else:
            past = Past(identity in self.live, self.last_entered.get(identity))
            person = self.person
            admission = admit(plan, customer_event, person.view(), person.id, now, past, self.workspace_holdout)
        self.result.entries.append(Entered(plan.key, now, admission))
        return (key, identity) if key is not None and admission.admitted else None

    def _start(self, plan: Plan, key: str, identity: str, customer_event: CustomerEvent, now: datetime) -> None:
        run = SimulatedRun(plan.key, key, str(run_id(identity, customer_event.message_id)), identity, now)
        self.live[identity], self.last_entered[identity] = run, now
        self.result.runs.append(run)
        self._feed(run, Started(now, run.run_id, self.person.id, customer_event, self.person.zone, self.person.stage))

    def _feed(self, run: SimulatedRun, event: Event) -> None:
        """Advance a run, and carry out what it asks for; what is answered is fed back before anything else happens."""
        plan, present, now = self.plan_of(run), event.now, event.now + self.lag
        next_event: Event | None = event
        while next_event is not None:
            run.state, commands = advance(plan, run.state, next_event)
            self.advanced(run, commands)
            next_event = None
            for command in commands:
                answer = self._carry_out(run, command, now)
                if answer is not None:  # of one turn's commands at most one is answered
                    if isinstance(answer, Sent) and now - present > PROMPT:
                        present = now
                    next_event = replace(answer, now=present) if self.lag else answer

    def plan_of(self, run: SimulatedRun) -> Plan:
        """The plan that a run follows now."""
        return run.plan or self.plans[run.journey]

    def move(self, run: SimulatedRun, plan: Plan, moved: Moved) -> None:
        """Have a run stand where it is told to, and go on by a plan."""
        run.plan = plan
        if run.state.doing != "rest":
            run.timer = None
        self._feed(run, moved)
        self._settle(moved.now)

    def advanced(self, run: SimulatedRun, commands: Sequence[Command]) -> None:
        """A run has taken a turn; nothing it asks for has been done yet."""

    def _carry_out(self, run: SimulatedRun, command: Command, now: datetime) -> Committed | Sent | None:
        match command:
            case Commit():
                return self._commit(run, command, now)
            case SetTimer():
                self._set_timer(run, max(command.at, now - self.lag), now)
            case Send():
                return self.send(run, command, now)
            case FinishRun():
                self.live.pop(run.workflow_id, None)
        return None

    def _set_timer(self, run: SimulatedRun, due: datetime, now: datetime) -> None:
        if run.timer != due:
            run.timer = due
            self.count += 1
            heapq.heappush(self.timers, (max(due, now), self.count, run, due))

    def _commit(self, run: SimulatedRun, commit: Commit, now: datetime) -> Committed:
        """In the order that :class:`Commit` promises: what it changes and emits is seen by what it asks."""
        run.transitions += commit.transitions
        if commit.changes or commit.emit or commit.stage is not None:
            self.change(run, commit, now)
        heard = self._read_back(commit.listen) if commit.listen else ()
        if not (commit.ask or commit.facts):
            return Committed(now, heard)
        view, as_of, entry = self.person.view(), max(commit.as_of or now, now), commit.entry
        verdicts = [evaluate(condition, view, as_of, entry) for condition in commit.ask]
        self.asked(run, commit, view, as_of)
        until = min((verdict.until for verdict in verdicts if verdict.until is not None), default=None)
        facts = tuple(self._fact(asked, view, now) for asked in commit.facts)
        return Committed(now, heard, tuple(verdict.truth for verdict in verdicts), until, facts)

    def change(self, run: SimulatedRun, commit: Commit, now: datetime) -> None:
        """What a commit changes of its customer, and adds to their log."""
        person = self.person
        if commit.changes:
            before = dict(person.consents)
            for change in commit.changes:
                apply_change(change, person.attributes, person.consents, person.tags, person.refused)
            for name, given in person.consents.items():
                if given is not before.get(name):
                    person.agree(name, now) if given else person.refuse(name)
        for customer_event in consequences(commit, run.run_id, person.stage, now):
            person.log.told.add(customer_event.message_id)
            self._store(customer_event)
        if commit.stage is not None:
            person.stage = commit.stage

    def _read_back(self, listen: Iterable[Interest]) -> tuple[CustomerEvent, ...]:
        """The events that runs have to be told that begin to listen."""
        heard: list[CustomerEvent] = []
        for interest in listen:
            if interest.since is not None:
                heard += self.person.log.since(interest.name, interest.since)
        return by_time(heard) if len(heard) > 1 else tuple(heard)

    def _fact(self, asked: Fact, view: Customer, now: datetime) -> Any:
        source = self.sources.get(asked.kind)
        return fact(asked, view, now) if source is None else source.take(asked, self.person.id, now)

    def asked(self, run: SimulatedRun, commit: Commit, view: Customer, as_of: datetime) -> None:
        """A run has asked something of its customer, who is this to it, as of an instant."""

    def send(self, run: SimulatedRun, command: Send, now: datetime) -> Sent:
        """Decide one message. What else a step hands over to the world outside, the world takes without a fault."""
        step = self.plan_of(run).steps[command.step]
        if not isinstance(step, Sending):
            return Sent(now, "sent")
        if self.wanted(run, step.settings, now):
            sent, channel = self.send_policy(self.person, step.settings, now)
        else:
            sent, channel = Sent(now, "skipped", "not_wanted"), step.settings.channel
        send = SimulatedSend(run.journey, command.step, command.occurrence, channel, now, sent.outcome, sent.reason)
        self.result.sends.append(send)
        return sent

    def wanted(self, run: SimulatedRun, settings: MessageSettings, now: datetime) -> bool:
        """Whether the message's own condition holds."""
        state = run.state
        return still_wanted(settings, self.person.view(), now, state.entry, state.event, state.variables, state.began)
