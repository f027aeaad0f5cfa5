"""What a journey would have done lately: real customers with their real events, walked through it by the simulator.

The last ``WINDOW`` is what is told; as much before it is walked as well, so that runs which began earlier send what
they would send. A customer's profile is as it is now, for nobody keeps what it was.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from orchestrator.core.commands import Command
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import CUSTOMER_UPDATED, ENTRY_DUE, JOURNEY_REQUESTED, STAGE_CHANGED
from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.routing import Routes, fires, may_listen_for
from orchestrator.core.simulation.due_entries import due_events
from orchestrator.core.simulation.outcome import SimulatedRun
from orchestrator.core.simulation.simulator import (
    Person,
    SendPolicy,
    SimulationResult,
    Simulator,
)
from orchestrator.core.steps.message import Sending

WINDOW = timedelta(days=30)
MOST_TURNS = 2_000
"""Of one customer's runs, in two windows: more is a loop that hardly waits, and no number would be right."""


class TooLong(Exception):
    """A walk has no end, or time is over."""


class Bounded(Simulator):
    """A walk that ends, whatever the journey."""

    goes_on: Callable[[], bool]
    turns = 0
    most_turns = MOST_TURNS

    def advanced(self, run: SimulatedRun, commands: Sequence[Command]) -> None:
        self.turns += 1
        if self.turns > self.most_turns or not self.goes_on():
            raise TooLong

    def done(self, result: SimulationResult, since: datetime) -> None:
        """A walk came to its end; what happened after ``since`` counts."""


@dataclass
class Forecast:
    """Of the customers who were walked: how many fired a trigger, would have entered, and what they would have got."""

    walked: int = 0
    triggered: int = 0
    entered: int = 0
    messages: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By channel and class."""
    endless: bool = False
    """A customer would have gone round without end: nothing can be told."""


def events_of(plan: Plan) -> frozenset[str]:
    """Names of all events that a plan could look at. Due dates are none: they are reckoned, not read."""
    named = frozenset(_named(json.loads(plan.body))) | Routes((plan,)).names | may_listen_for(plan)
    return (named | {JOURNEY_REQUESTED, CUSTOMER_UPDATED, STAGE_CHANGED}) - {ENTRY_DUE}


def forecast(
    plan: Plan,
    customers: Iterable[tuple[Person, list[CustomerEvent]]],
    now: datetime,
    send_policy: SendPolicy,
    goes_on: Callable[[], bool] = lambda: True,
    observer: type[Bounded] | Callable[..., Bounded] = Bounded,
) -> Forecast:
    """Walks customers through a plan, as long as ``goes_on`` says so; those before then are what is told of.

    ``observer`` walks them, and may take notes: each walk that came to its end is shown to its ``done``.
    """
    found, routes, since = Forecast(), Routes((plan,)), now - WINDOW
    for person, events in customers:
        if not goes_on():
            break
        events = [*events, *due_events((plan,), person, since - WINDOW, now)]
        recent = [one for one in events if one.occurred_at > since - WINDOW]
        if not any(fires(plan, one) for one in recent):
            found.walked += 1
            continue
        for customer_event in events:
            if customer_event.occurred_at <= since - WINDOW:
                person.log.add(customer_event)
        simulator = observer(routes, person, now, send_policy, timedelta(0))
        simulator.goes_on = goes_on
        try:
            result = simulator.walk(recent)
        except (TooLong, RuntimeError):
            found.endless = goes_on()
            break
        found.walked += 1
        _count(found, plan, result, recent, since)
        simulator.done(result, since)
    return found


def _count(found: Forecast, plan: Plan, result: SimulationResult, events: list[CustomerEvent], since: datetime) -> None:
    found.triggered += any(fires(plan, one) for one in events if one.occurred_at > since)
    found.entered += any(one.admission.admitted for one in result.entries if one.at > since)
    for send in result.sends:
        if send.outcome == "sent" and send.at > since:
            step = cast(Sending, plan.steps[send.step])
            found.messages[send.channel, step.settings.message_class] += 1


def _named(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        if isinstance(node.get("event"), str):
            yield node["event"]
        for value in node.values():
            yield from _named(value)
    elif isinstance(node, list):
        for value in node:
            yield from _named(value)
