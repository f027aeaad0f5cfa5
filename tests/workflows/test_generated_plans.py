"""Generated journeys, customers and events: the simulator and Temporal leave the same trace.

On a server, work takes time, so deadlines there lag by seconds. A case whose trace changes when the simulator's own
runs lag by seconds (two deadlines within them, or a condition that holds at one instant only) has no one answer, and
another is drawn.
"""

import asyncio
import copy
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from orchestrator.core.coupons.pool import VirtualPools
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.run.routing import Routes, by_time
from orchestrator.core.simulation.simulator import Person, SimulationResult, compliant, walk
from tests.examples import LONG
from tests.strategies.journeys import event_logs, journeys, people
from tests.workflows.conftest import Environment
from tests.workflows.live import LiveCustomer, publish, skipping, stock
from tests.workflows.test_same_as_simulator import trace_of

AFTERWARDS = timedelta(days=60)
APART = timedelta(seconds=30)
"""Between events: of several at one instant, a server is done with the first before it hears of the second."""
LONGER = {"1s": "11m", "30s": "17m"}
"""Spans as short as a server's own work say nothing here."""


@dataclass(frozen=True, repr=False)
class Case:
    """A plan, a customer, and what they do."""

    plan: Plan
    person: Person
    events: tuple[CustomerEvent, ...]

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        """For Hypothesis, which would write out every field, at such length that it warns of itself."""
        printer.text(f"Case({self.plan.key})")

    def walk(self, lag: int = 0) -> SimulationResult:
        """Through the simulator; runs act ``lag`` seconds late."""
        until = self.events[-1].occurred_at + AFTERWARDS
        person = copy.deepcopy(self.person)
        sources = {"coupon": VirtualPools(closed=frozenset({"none"}))}
        return walk(Routes((self.plan,)), person, self.events, until, compliant(), timedelta(seconds=lag), sources)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """A case with one answer."""
    key = f"t{uuid.uuid4().hex[:12]}"
    document = json.dumps(draw(journeys(key=key)))
    for short, longer in LONGER.items():
        document = document.replace(f'"{short}"', f'"{longer}"')
    plan = compile_journey(json.loads(document)).plan
    assume(plan is not None)
    assert plan is not None
    person = replace(draw(people()), id=str(uuid.uuid4()))
    events = by_time(replace(one, message_id=str(uuid.uuid4())) for one in draw(event_logs(most=8)))
    instants = [one.occurred_at for one in events]
    assume(all(later - earlier > APART for earlier, later in pairwise(instants)))
    case = Case(plan, person, events)
    expected = trace_of(case.walk())
    assume(6 <= len(expected) < 200)
    assume(all(trace_of(case.walk(lag)) == expected for lag in (1, 4, 12)))
    return case


async def lived(environment: Environment, case: Case) -> tuple[Case, list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """What a case should come to, and what it comes to on the server."""
    passage = case.walk()
    customer = uuid.UUID(case.person.id)
    live = LiveCustomer(
        environment.engine, skipping(environment.client), environment.task_queue, customer, (case.plan,), case.person
    )
    await live.live(case.events, {t.at for run in passage.runs for t in run.transitions})
    return case, trace_of(passage), await live.trace()


async def live_through(environment: Environment, found: Sequence[Case]) -> None:
    """Cases side by side: what takes time is the server's waiting."""
    await stock(environment.engine, "welcome")
    await publish(environment.engine, [case.plan for case in found])
    for case, expected, trace in await asyncio.gather(*(lived(environment, case) for case in found)):
        if trace != expected:  # said in few words: pytest would write out every case
            differ = next((n for n, pair in enumerate(zip(trace, expected, strict=False)) if pair[0] != pair[1]), None)
            pytest.fail(
                f"after {len(trace)} of {len(expected)} transitions, first differing at {differ}\n"
                f"{case.plan.body.decode()}\n{case.person}\n{case.events}\nserver: {trace[-4:]}\n"
                f"simulator: {expected[len(trace) - 4 : len(trace) + 4]}\n"
                f"there: {None if differ is None else (trace[differ], expected[differ])}"
            )


@pytest.mark.timeout(600)
@settings(
    max_examples=3 if LONG else 1,
    deadline=None,
    derandomize=True,  # CI is to fail for what changed, not for what was drawn; search with --hypothesis-seed=random
    phases=(Phase.explicit, Phase.generate),  # a shrinking that takes a server's time helps nobody
    suppress_health_check=list(HealthCheck),
)
@given(found=st.lists(cases(), min_size=8, max_size=8))
async def test_generated_plans_take_the_same_steps_on_temporal(environment: Environment, found: list[Case]) -> None:
    await live_through(environment, found)
