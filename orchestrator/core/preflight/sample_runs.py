"""A sample of real customers walked through a draft, with all that the checks want to know of it written down."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from orchestrator.core.channels.contacts import OWN_CONTACTS
from orchestrator.core.commands import Send
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.run_events import Sent
from orchestrator.core.facts import FactSource
from orchestrator.core.journey.plan import Plan
from orchestrator.core.messages.context import template_context
from orchestrator.core.run.routing import Routes
from orchestrator.core.sending.policies import Rules
from orchestrator.core.simulation.forecast import Bounded, Forecast, forecast
from orchestrator.core.simulation.outcome import SimulatedRun
from orchestrator.core.simulation.simulator import (
    Person,
    SendPolicy,
    SimulationResult,
    compliant,
)
from orchestrator.core.steps.message import Sending
from orchestrator.core.timing import zone
from orchestrator.core.values import MessageClass

MOST_SAMPLE_CONTEXTS = 20
"""Customers for whom one message is read through."""


class SampleContext(NamedTuple):
    """What one sampled customer gives a message: the template context, the locale and the time zone."""

    context: Mapping[str, Any]
    locale: str
    time_zone: str


class SeenSend(NamedTuple):
    """One decision on a message in the last 30 days, by the customer's own clock."""

    step: str
    channel: str
    message_class: MessageClass
    local: datetime
    outcome: str
    reason: str
    after: timedelta
    """Since the customer entered."""


@dataclass
class Seen:
    """What was seen of the sample."""

    forecast: Forecast = field(default_factory=Forecast)
    of: int = 0
    """Customers there are."""
    people: list[Person] = field(default_factory=list)
    sends: list[SeenSend] = field(default_factory=list)
    takes: Counter[str] = field(default_factory=Counter)
    """Visits of steps that give codes of a coupon pool, by pool."""
    sample_contexts: dict[str, list[SampleContext]] = field(default_factory=lambda: defaultdict(list))
    """By step that sends."""

    def scaled(self, number: int) -> int:
        """A number of the sample, as one of all customers."""
        walked = self.forecast.walked
        return number if walked in (0, self.of) else round(number * self.of / walked)


class _Observer(Bounded):
    def __init__(
        self,
        seen: Seen,
        workspace: Mapping[str, Any],
        sources: Mapping[str, FactSource],
        routes: Routes,
        person: Person,
        until: datetime,
        send_policy: SendPolicy,
        lag: timedelta,
    ) -> None:
        super().__init__(routes, person, until, send_policy, lag)
        self.seen = seen
        self.workspace = workspace
        self.sources |= sources

    def send(self, run: SimulatedRun, command: Send, now: datetime) -> Sent:
        """Keeps what the message would be filled from."""
        step, sample_contexts = self.plans[run.journey].steps[command.step], self.seen.sample_contexts[command.step]
        if isinstance(step, Sending) and len(sample_contexts) < MOST_SAMPLE_CONTEXTS:
            state = run.state
            entry, event = state.entry, state.event or state.entry
            context = context_of(self.person, entry, event, state.variables, self.workspace)
            sample_contexts.append(SampleContext(context, self.person.locale or "", self.person.zone))
        return super().send(run, command, now)

    def done(self, result: SimulationResult, since: datetime) -> None:
        """Counts what happened in the window."""
        plan = self.routes.plans[0]
        tz = zone(self.person.zone)
        began = {(run.journey, one.step, one.occurrence): run for run in result.runs for one in run.transitions}
        for send in result.sends:
            step = plan.steps[send.step]
            if send.at > since and isinstance(step, Sending):
                run = began.get((send.journey, send.step, send.occurrence))
                after = send.at - run.entered_at if run is not None else timedelta(0)
                kind, local = step.settings.message_class, send.at.astimezone(tz)
                self.seen.sends.append(SeenSend(send.step, send.channel, kind, local, send.outcome, send.reason, after))
        for run in result.runs:
            for one in run.transitions:
                if one.what == "entered" and one.at > since:
                    named = plan.steps[one.step].references()
                    self.seen.takes.update(pool.name for pool in named if pool.kind == "coupon_pool")


def inspect_sample(
    plan: Plan,
    customers: Iterable[tuple[Person, list[CustomerEvent]]],
    of: int,
    now: datetime,
    rules: Rules,
    workspace: Mapping[str, Any],
    goes_on: Callable[[], bool] = lambda: True,
    sources: Mapping[str, FactSource] | None = None,
) -> Seen:
    """Simulate a sample over the last 30 days (as ``core.simulation.forecast`` does), and record what happens in it."""
    listed = list(customers)
    seen = Seen(of=of, people=[person for person, _ in listed])
    seen.forecast = forecast(
        plan, listed, now, compliant(rules), goes_on, partial(_Observer, seen, workspace, sources or {})
    )
    return seen


def context_of(
    person: Person,
    entry: CustomerEvent | None,
    event: CustomerEvent | None,
    variables: Mapping[str, Any],
    workspace: Mapping[str, Any],
) -> dict[str, Any]:
    """What templates may say of a simulated customer (``core.templating.engine.ROOTS``)."""
    contacts = {name: person.contacts.get(name) for name in OWN_CONTACTS}
    known = {"stage": person.stage, "tags": list(person.tags), "time_zone": person.zone, "id": person.id}
    customer = {**person.attributes, **contacts, "locale": person.locale, **person.known, **known}
    return template_context(customer, entry, event, dict(variables), workspace, _LINKS)


_LINKS = {name: f"https://links.invalid/{name}" for name in ("unsubscribe", "preferences", "survey")}
