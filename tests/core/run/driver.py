"""A driver of ``advance`` for tests: one run, a store in memory, and a hand on everything that can go wrong.

Events may be stored without reaching the run, reach it twice or late, or come while a message is being sent; the state
may be written out and read again before every event. Journeys are written in a few words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from pydantic import TypeAdapter

from orchestrator.core.commands import Command, Commit, FinishRun, Send, SetTimer, Transition
from orchestrator.core.conditions.evaluate import evaluate
from orchestrator.core.customers.profile import apply_change
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.run_events import (
    Committed,
    Ejected,
    Event,
    EventReceived,
    Moved,
    Sent,
    Started,
    TimerFired,
    TimerRule,
)
from orchestrator.core.facts import fact
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.run.advance import advance
from orchestrator.core.run.routing import by_time, consequences
from orchestrator.core.run.state import NEW, State, dump_state, load_state
from orchestrator.core.simulation.simulator import Person
from orchestrator.core.values import Duration

T0 = datetime(2026, 1, 1, tzinfo=UTC)
Document = dict[str, Any]
_SPAN: TypeAdapter[timedelta] = TypeAdapter(Duration)


def after(span: str) -> datetime:
    """The instant so long after T0: ``after("1h30m")``."""
    return T0 + _SPAN.validate_python(span)


# --- journeys in a few words -----------------------------------------------------------------------------------------


def step(id: str, kind: str, stage: str | None = "intake", **settings: Any) -> Document:
    return {"id": id, "kind": kind, "stage": stage, "settings": settings}


def delay(id: str, duration: str, **more: Any) -> Document:
    return step(id, "delay", mode="duration", duration=duration, **more)


def message(id: str, channel: str = "email", **more: Any) -> Document:
    return step(id, "message", channel=channel, content={"en": {"subject": "Hello", "body": "Hello"}}, **more)


def wait(id: str, event: str, window: str | None = "1d", where: Document | None = None, **more: Any) -> Document:
    return step(id, "wait_for_event", branches=[{"event": event, "where": where}], window=window, **more)


def wait_until(id: str, condition: Document, window: str | None = None) -> Document:
    return step(id, "wait_until", condition=condition, window=window)


def branch(id: str, **ways: Document) -> Document:
    return step(id, "branch", branches=[{"port": port, "when": when} for port, when in ways.items()])


def leave(id: str = "end", reason: str = "completed") -> Document:
    return step(id, "exit", reason=reason)


def history(event: str, **more: Any) -> Document:
    return {"kind": "history", "event": event, **more}


def prop(name: str, value: Any = None, op: str = "eq") -> Document:
    return {"kind": "property", "name": name, "op": op, "value": value}


def attribute(name: str, value: Any = None, op: str = "eq") -> Document:
    return {"kind": "attribute", "name": name, "op": op, "value": value}


BOUGHT = {"id": "bought", "event": "Order Completed", "reason": "purchased"}
"""An exit."""
SAME_CART = prop("cart_id", {"ref": "entry.cart_id"})


def journey(*steps: Document, edges: str, key: str = "test", **more: Any) -> Document:
    """``edges``: "entry > a, a > b, b:timeout > c"."""
    pairs = [edge.split(">") for edge in edges.split(",")]
    ends = [(left.strip().partition(":"), right.strip()) for left, right in pairs]
    return {
        "key": key,
        "name": "Test",
        "entry": {"triggers": [{"kind": "event", "event": "Enter"}]},
        "moves_stage": True,
        "steps": list(steps),
        "edges": [{"from": left[0], "port": left[2] or "next", "to": right} for left, right in ends],
        **more,
    }


def straight(*steps: Document, **more: Any) -> Document:
    """A journey through steps in a row; of a step with several ports, each leads on."""
    edges, compiled = [f"entry > {steps[0]['id']}"], [*steps, leave()] if steps[-1]["kind"] != "exit" else [*steps]
    for here, there in pairwise(compiled):
        edges += [f"{here['id']}:{port} > {there['id']}" for port in ports(here)]
    return journey(*compiled, edges=", ".join(edges), **more)


def ports(node: Document) -> list[str]:
    """The required ports of a step, as its kind names them."""
    from orchestrator.core.steps import KINDS

    return [port.name for port in KINDS[node["kind"]].model_validate(node).ports() if port.required]


def planned(document: Mapping[str, Any]) -> Plan:
    """The plan, where there is one; else the test fails with the compiler's words."""
    result = compile_journey(document)
    assert result.plan is not None, [problem.text.to("en") for problem in result.errors]
    return result.plan


# --- the driver ------------------------------------------------------------------------------------------------------


@dataclass
class Driver:
    """One run. ``slow``: sends stay under way until :meth:`sent`. ``forgetful``: only what is serialised survives."""

    document: Mapping[str, Any]
    slow: bool = False
    forgetful: bool = False
    outcomes: list[Sent] = field(default_factory=list)
    """Results of the coming sends; when there are none left, they are sent."""
    person: Person = field(default_factory=lambda: Person("customer-1"))
    now: datetime = T0
    state: State = field(default_factory=lambda: NEW)
    timer: datetime | None = None
    commands: list[Command] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    sends: list[tuple[datetime, Send]] = field(default_factory=list)
    sending: Send | None = None
    emitted: list[CustomerEvent] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        self.plan = planned(self.document)

    # what happens

    def start(self, at: str = "0s", **properties: Any) -> "Driver":
        self.now = after(at)
        entry = self.event("Enter", **properties)
        self.person.log.add(entry)
        self.feed(Started(self.now, "run-1", self.person.id, entry, self.person.zone, self.person.stage))
        return self

    def event(self, name: str, at: datetime | None = None, id: str = "", **properties: Any) -> CustomerEvent:
        """An event that is not stored yet."""
        self.count += 1
        return CustomerEvent(id or f"m{self.count}", name, at or self.now, properties)

    def store(self, name: str, at: str | None = None, id: str = "", **properties: Any) -> CustomerEvent:
        """An event is stored, but does not reach the run."""
        customer_event = self.event(name, after(at) if at else None, id, **properties)
        self.person.log.add(customer_event)
        return customer_event

    def hear(self, name: str, at: str | None = None, id: str = "", **properties: Any) -> CustomerEvent:
        """An event is stored, and reaches the run if it listens."""
        customer_event = self.store(name, at, id, **properties)
        self.route(customer_event)
        return customer_event

    def route(self, customer_event: CustomerEvent) -> None:
        if customer_event.name in self.state.listening:
            self.feed(EventReceived(self.now, customer_event))

    def until(self, span: str) -> "Driver":
        """Time passes; what falls due before ``span`` or at it comes about."""
        self.timers_until(after(span), inclusive=True)
        return self

    def at(self, span: str) -> "Driver":
        """It is so late now, but what falls due at this very instant has not come about yet."""
        self.timers_until(after(span), inclusive=False)
        return self

    def timers_until(self, end: datetime, inclusive: bool) -> None:
        while self.timer is not None and not self.over() and (self.timer < end or (inclusive and self.timer == end)):
            self.now, self.timer = max(self.timer, self.now), None
            self.feed(TimerFired(self.now))
        self.now = max(end, self.now)

    def sent(self, outcome: Any = "sent", reason: str = "", until: str | None = None) -> None:
        """A slow send is done."""
        assert self.sending is not None
        self.sending = None
        self.feed(Sent(self.now, outcome, reason, after(until) if until else None))

    def eject(self, reason: str = "stopped") -> None:
        self.feed(Ejected(self.now, reason))

    def move(self, to: str, timer: TimerRule = "kept", document: Mapping[str, Any] | None = None) -> "Driver":
        """An operator has the run stand somewhere else. What it was about to send is not on its way."""
        before, self.sending = self.plan, None
        if document is not None:
            self.plan = planned(document)
        if self.state.doing != "rest":
            self.timer = None
        self.feed(Moved(self.now, self.plan.hash, before.hash, to, timer, "operation-1"))
        return self

    # carrying out

    def feed(self, event: Event) -> None:
        """Advance. A Book is answered before anything else; what it emitted is routed after it."""
        waiting = [event]
        while waiting:
            if self.forgetful:
                self.state = load_state(dump_state(self.state))
            self.state, commands = advance(self.plan, self.state, waiting.pop(0))
            self.commands += commands
            assert sum(isinstance(c, Send) or (isinstance(c, Commit) and c.ended is None) for c in commands) <= 1
            for command in commands:
                answer = self.carry_out(command)
                waiting += [answer] if answer is not None else []
        while self.emitted:
            self.route(self.emitted.pop(0))

    def carry_out(self, command: Command) -> Event | None:
        match command:
            case Commit():
                return self.commit(command)
            case SetTimer(at=at):
                self.timer = at
            case FinishRun():
                self.timer = None
            case Send():
                assert self.sending is None
                self.sends.append((self.now, command))
                if not self.slow:
                    return self.outcomes.pop(0) if self.outcomes else Sent(self.now, "sent")
                self.sending = command
        return None

    def commit(self, commit: Commit) -> Committed:
        person = self.person
        self.transitions += commit.transitions
        for change in commit.changes:
            apply_change(change, person.attributes, person.consents, person.tags)
        for customer_event in consequences(commit, "run-1", person.stage, self.now):
            person.log.add(customer_event)
            self.emitted.append(customer_event)
        person.stage = commit.stage or person.stage
        wanted = {interest.name: interest.since for interest in commit.listen if interest.since is not None}
        heard = by_time(h for h in person.log if h.name in wanted and h.occurred_at >= wanted[h.name])
        verdicts = [evaluate(ask, person.view(), commit.as_of or self.now, commit.entry) for ask in commit.ask]
        until = min((verdict.until for verdict in verdicts if verdict.until is not None), default=None)
        facts = tuple(fact(asked, person.view(), self.now) for asked in commit.facts)
        return Committed(self.now, heard, tuple(verdict.truth for verdict in verdicts), until, facts)

    # what became of it

    def over(self) -> bool:
        return self.state.doing == "over"

    @property
    def trace(self) -> list[str]:
        """The run in words: ``01:30 left wait happened``; hours and minutes since T0, of days too."""
        return [_line(one) for one in (*self.transitions, *self.state.unrecorded)]

    @property
    def path(self) -> list[str]:
        """The steps entered, in order."""
        return [one.step for one in (*self.transitions, *self.state.unrecorded) if one.what == "entered"]

    @property
    def books(self) -> list[Commit]:
        return [command for command in self.commands if isinstance(command, Commit)]


def _line(one: Transition) -> str:
    minutes, seconds = divmod(round((one.at - T0).total_seconds()), 60)
    clock = f"{minutes // 60:02}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
    times = f"#{one.occurrence}" if one.occurrence > 1 else ""
    return f"{clock} {one.what} {one.step}{times} {one.port}".strip()
