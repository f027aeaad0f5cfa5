"""What runs hear of a merge: of two of one journey one ends, and sends nothing even before it hears of it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.journey.plan import compile_journey
from orchestrator.router.tell_merged_runs import tell_merged_runs
from orchestrator.store.database import create_engine
from orchestrator.store.intake.writer import IntakeWriter
from orchestrator.store.runs.live_plans import LivePlan
from orchestrator.store.runs.routing import RoutingStore
from tests.store.intake.intake_shop import NOON, identify, incoming

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)


def live(key: str, by_cart: bool = False) -> LivePlan:
    entry: dict[str, Any] = {"triggers": [{"kind": "event", "event": "Viewed"}]}
    if by_cart:
        entry["key"] = "cart"
    journey = {
        "key": key,
        "name": key,
        "entry": entry,
        "steps": [
            {"id": "wait", "kind": "delay", "stage": "intake", "settings": {"mode": "duration", "duration": "1h"}},
            {"id": "done", "kind": "exit", "stage": "intake", "settings": {}},
        ],
        "edges": [{"from": "entry", "to": "wait"}, {"from": "wait", "to": "done"}],
    }
    plan = compile_journey(journey).plan
    assert plan is not None
    return LivePlan(plan, 1)


class Temporal:
    """Runs that take what they are told; ``unknown``: those that it does not know yet."""

    def __init__(self, *unknown: str, broken: str = "") -> None:
        self.unknown = unknown
        self.broken = broken
        self.told: list[tuple[str, str]] = []

    async def eject(self, workflow_id: str, reason: str) -> bool:
        return self._tell(workflow_id, reason)

    async def change_customer(self, workflow_id: str, customer: UUID, at: datetime) -> bool:
        return self._tell(workflow_id, str(customer))

    def _tell(self, workflow_id: str, what: str) -> bool:
        if workflow_id == self.broken:
            raise ConnectionRefusedError
        if workflow_id not in self.unknown:
            self.told.append((workflow_id, what))
        return workflow_id not in self.unknown


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def writer(database_url: str) -> AsyncIterator[IntakeWriter]:
    writer = IntakeWriter(database_url)
    await writer.start()
    yield writer
    await writer.close()


async def ask(engine: AsyncEngine, query: str) -> list[tuple[Any, ...]]:
    async with engine.connect() as db:
        return [tuple(row) for row in await db.execute(text(query))]


async def test_one_of_two_runs_goes_on_and_shows_whose_it_is(engine: AsyncEngine, writer: IntakeWriter) -> None:
    routing = RoutingStore(engine)
    await writer.store([incoming("kim", cart="1"), incoming(visitor="a", cart="1")])
    by_time = {"nudge": ("a", "kim"), "birthday": ("kim", "a"), "carts": ("a", "kim")}
    customers = dict(await ask(engine, "select value, customer_id from identities"))
    events = {event.customer_id: event for event in await routing.unrouted(10)}
    names: dict[str, str] = {}
    for key, order in by_time.items():
        for minute, who in enumerate(order):
            at = NOON.replace(minute=minute)
            started = await routing.decide(live(key, by_cart=key == "carts"), events[customers[who]], at)
            assert started is not None
            names[started.workflow_id] = f"{key} of {who}"
    async with engine.begin() as db:
        await db.execute(text("update runs set status = 'running'"))
        await db.execute(
            text("update runs set key = '2' where journey_key = 'carts' and customer_id = :a"), {"a": customers["a"]}
        )
    await writer.store([identify("kim", "a")])
    rows = await ask(engine, "select workflow_id, ending, tell, customer_id from runs")
    assert {names[workflow]: (ending, tell) for workflow, ending, tell, _ in rows} == {
        "nudge of a": (None, True),
        "nudge of kim": ("merged", True),
        "birthday of kim": (None, False),
        "birthday of a": ("merged", True),
        "carts of a": (None, True),  # another cart is another run
        "carts of kim": (None, False),
    }
    assert {row[3] for row in rows} == {customers["kim"]}
    temporal = Temporal(broken=next(workflow for workflow, name in names.items() if name == "carts of a"))
    assert await tell_merged_runs(engine, temporal, NOW) == 3
    kim = str(customers["kim"])
    told = {names[workflow]: what for workflow, what in temporal.told}
    assert told == {"nudge of a": kim, "nudge of kim": "merged", "birthday of a": "merged"}
    again = Temporal()
    assert await tell_merged_runs(engine, again, NOW) == 1, (
        "who could not be told is told the next time, and no one else"
    )
    assert [names[workflow] for workflow, _ in again.told] == ["carts of a"]


async def test_a_run_that_has_still_to_start_is_told_once_it_has(engine: AsyncEngine, writer: IntakeWriter) -> None:
    routing = RoutingStore(engine)
    await writer.store([incoming("kim"), incoming(visitor="a", message="m")])
    [event] = [one for one in await routing.unrouted(10) if one.customer_event.message_id == "m"]
    started = await routing.decide(live("nudge"), event, NOON)
    assert started is not None
    await writer.store([identify("kim", "a")])
    assert await tell_merged_runs(engine, Temporal(started.workflow_id), NOW) == 0
    assert await tell_merged_runs(engine, Temporal(), NOW) == 1
    assert await tell_merged_runs(engine, Temporal(), NOW) == 0
