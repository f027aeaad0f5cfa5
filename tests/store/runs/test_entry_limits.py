"""A journey lets in as many as its limits say, whatever comes together, and whoever decides."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan
from orchestrator.store.database import create_engine
from orchestrator.store.events.unrouted import Unrouted
from orchestrator.store.runs.entries import Entry
from orchestrator.store.runs.live_plans import LivePlan, LivePlans
from orchestrator.store.runs.routing import RoutingStore
from tests.core.run.driver import planned, straight, wait
from tests.store.traits.people import add_customer, set_traits
from tests.web import shop
from tests.workflows.live import publish

HOUR = timedelta(hours=1)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


def limited(**limits: int) -> Plan:
    entry = {"triggers": [{"kind": "event", "event": "Back"}], "limits": limits}
    return planned({**straight(wait("pause", "Bought")), "entry": entry})


async def back(engine: AsyncEngine, plan: Plan, after: timedelta = timedelta(0), holdout: int = 0) -> Entry:
    customer: UUID = await add_customer(engine, shop.NOW)
    event = CustomerEvent(str(uuid4()), "Back", shop.NOW + after, {})
    return Entry(LivePlan(plan, 1, holdout=holdout), Unrouted(customer, event), shop.NOW + after)


async def reasons(engine: AsyncEngine) -> dict[str, int]:
    async with engine.connect() as db:
        rows = await db.execute(text("select reason, count(*) as n from entry_decisions group by 1"))
        return {row.reason: row.n for row in rows}


async def test_of_those_who_come_together_only_so_many_enter(engine: AsyncEngine) -> None:
    plan = limited(total=3)
    store = RoutingStore(engine)
    await store.decide_all([await back(engine, plan) for _ in range(5)], (), shop.NOW)
    await store.decide_all([await back(engine, plan) for _ in range(2)], (), shop.NOW)
    assert await reasons(engine) == {"admitted": 3, "limit": 4}


async def test_an_hour_and_a_day_slide(engine: AsyncEngine) -> None:
    plan = limited(per_hour=1, per_day=2)
    store = RoutingStore(engine)
    found = []
    for after in (timedelta(0), HOUR / 2, HOUR, HOUR * 2, HOUR * 24, HOUR * 25):
        entry = await back(engine, plan, after)
        decided = await store.decide_all([entry], (), entry.now)
        assert decided is not None
        found.append(decided[0] is not None)
    assert found == [True, False, True, False, True, True]


async def test_routers_that_decide_at_once_keep_to_it_together(engine: AsyncEngine) -> None:
    plan = limited(total=5)
    batches = [[await back(engine, plan) for _ in range(4)] for _ in range(4)]
    stores = [RoutingStore(engine) for _ in batches]
    await asyncio.gather(*(one.decide_all(batch, (), shop.NOW) for one, batch in zip(stores, batches, strict=True)))
    assert await reasons(engine) == {"admitted": 5, "limit": 11}


async def test_the_workspaces_holdout_reaches_the_decision(engine: AsyncEngine) -> None:
    plan = limited()
    await publish(engine, [plan])
    await set_traits(engine, None)

    async def holdout(stored: Any) -> int:
        async with engine.begin() as db:
            change = text("update workspace set settings = jsonb_build_object('holdout', cast(:holdout as jsonb))")
            await db.execute(change, {"holdout": stored})
            [live], _ = await LivePlans().load(db)
        return live.holdout

    assert [await holdout(stored) for stored in ("100", "null", '"x"', "-3", "300")] == [100, 0, 0, 0, 100]
    await RoutingStore(engine).decide_all([await back(engine, plan, holdout=100)], (), shop.NOW)
    assert await reasons(engine) == {"workspace_holdout": 1}
