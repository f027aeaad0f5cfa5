"""The simulator and Temporal go through the same steps: two drivers of one function."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.run.routing import Routes
from orchestrator.core.simulation.simulator import Person, SimulationResult, compliant, walk
from tests.examples import some
from tests.workflows import histories
from tests.workflows.conftest import Environment
from tests.workflows.live import LiveCustomer, publish, skipping

BEGIN = datetime(2026, 1, 5, 1, tzinfo=UTC)
EVERY_CONSENT = {"email": True, "sms": True, "push": True, "sms:night": True, "push:night": True}
PROFILE = {"birthday": "1990-03-05", "first_name": "지우"}
EXAMPLES = ("lifecycle", "cart-recovery", "birthday")


def example(name: str) -> Plan:
    """A plan of the examples folder."""
    result = compile_journey(yaml.safe_load((Path("examples") / f"{name}.yaml").read_text()))
    assert result.plan is not None, result.problems
    return result.plan


def happened(name: str, after: timedelta, **properties: Any) -> CustomerEvent:
    """An event so long after the beginning."""
    return CustomerEvent(str(uuid.uuid4()), name, BEGIN + after, properties)


def reachable(customer: uuid.UUID) -> Person:
    """A customer with every consent and an e-mail address."""
    return Person(str(customer), dict(PROFILE), dict(EVERY_CONSENT), {"email": f"{customer}@example.com"})


def trace_of(passage: SimulationResult) -> list[tuple[Any, ...]]:
    """As :meth:`LiveCustomer.trace` tells it."""
    runs = sorted(passage.runs, key=lambda run: (run.journey, run.key, run.entered_at))
    return [(r.journey, r.key, t.what, t.step, t.occurrence, t.port) for r in runs for t in r.transitions]


HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LIVES: dict[str, list[tuple[str, timedelta, dict[str, Any]]]] = {
    "silent": [("Signed Up", DAY * 0, {})],
    "buys at once": [
        ("Signed Up", DAY * 0, {}),
        ("Product Added", HOUR, {"cart_id": "c1"}),
        ("Order Completed", HOUR * 1.5, {"cart_id": "c1", "order_id": "o1", "total": 12000}),
    ],
    "abandons, then returns": [
        ("Signed Up", DAY * 0, {}),
        ("Product Added", HOUR, {"cart_id": "c1"}),
        ("Product Added", DAY * 5, {"cart_id": "c2"}),
        ("Order Completed", DAY * 9, {"cart_id": "c2", "order_id": "o1", "total": 12000}),
        ("Order Completed", DAY * 20, {"cart_id": "c3", "order_id": "o2", "total": 12000}),
        ("Product Viewed", DAY * 70, {}),
    ],
}


@pytest.mark.parametrize("life", some(LIVES, 3))
async def test_the_examples_take_the_same_steps_on_temporal(environment: Environment, life: str) -> None:
    plans = [example(name) for name in EXAMPLES]
    await publish(environment.engine, plans)
    customer = uuid.uuid4()
    events = [happened(name, after, **properties) for name, after, properties in LIVES[life]]
    passage = walk(Routes(tuple(plans)), reachable(customer), events, BEGIN + DAY * 100, compliant())
    live = LiveCustomer(
        environment.engine, skipping(environment.client), environment.task_queue, customer, plans, reachable(customer)
    )
    await live.live(events, {t.at for run in passage.runs for t in run.transitions})
    if all(histories.recording(key) for key in EXAMPLES):
        await histories.record(environment, plans, customer)
    assert await live.trace() == trace_of(passage)
    assert await sends_of(environment, customer) == sorted(
        (s.journey, s.step, s.occurrence, s.outcome) for s in passage.sends
    )


async def sends_of(environment: Environment, customer: uuid.UUID) -> list[tuple[Any, ...]]:
    """The ledger's rows of a customer, in order."""
    query = "select journey_key, step, occurrence, status from sends where customer_id = :id"
    async with environment.engine.connect() as db:
        return sorted(tuple(row) for row in await db.execute(text(query), {"id": customer}))
