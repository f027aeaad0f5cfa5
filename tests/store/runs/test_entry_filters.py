"""A filter of entries reads of all their histories what it asks, and answers as of each entry's moment."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan, load_plan, plan_of, read_and_check
from orchestrator.store.connection_pool import direct
from orchestrator.store.database import create_engine
from orchestrator.store.events.unrouted import Unrouted
from orchestrator.store.runs.entries import Entry, read_known
from orchestrator.store.runs.live_plans import LivePlan
from orchestrator.store.runs.routing import RoutingStore
from tests.core.run.driver import straight, wait
from tests.web import shop

_CUSTOMER = text("""
insert into customers (id, attributes, consents, consented_at, tags, created_at, updated_at)
values (:id, '{}', '{}', '{}', '[]', :at, :at)
""")
_EVENT = text("""
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
values (:id, :customer, 'track', 'Viewed', '{}', '{}', :at, :at)
""")
DAILY, ONCE = uuid4(), uuid4()
"""Somebody who came on each of sixty days, and somebody who came sixty days ago."""


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    async with engine.begin() as db:
        for customer, days in ((DAILY, range(60)), (ONCE, (60,))):
            await db.execute(_CUSTOMER, {"id": customer, "at": shop.NOW - timedelta(days=90)})
            for day in days:
                at = shop.NOW - timedelta(days=day)
                await db.execute(_EVENT, {"id": f"{customer} {day}", "customer": customer, "at": at})
    yield engine
    await engine.dispose()


def plan(key: str, **asked: Any) -> Plan:
    condition = {"kind": "history", "event": "Viewed", **asked}
    entry = {"triggers": [{"kind": "event", "event": "Back"}], "filter": condition}
    parsed, problems = read_and_check({**straight(wait("pause", "Bought")), "key": key, "entry": entry})
    assert parsed is not None, problems
    return load_plan(plan_of(parsed).body)


def back(customer: UUID, one: Plan) -> Entry:
    event = CustomerEvent(str(uuid4()), "Back", shop.NOW, {})
    return Entry(LivePlan(one, 1), Unrouted(customer, event), shop.NOW)


async def test_of_each_history_only_the_window_is_read(engine: AsyncEngine) -> None:
    week = plan("week", within="P7D", op="gte", value=7)
    entries = [back(customer, week) for customer in (DAILY, ONCE)]
    async with direct(engine).connection() as db, db.pipeline(), db.transaction():
        known = await read_known(db, entries, "UTC", 100)
    assert [len(known.views.histories.get(one, ())) for one in (DAILY, ONCE)] == [8, 0]


@pytest.mark.parametrize(
    ("asked", "admitted"),
    [
        ({"within": "P7D", "op": "gte", "value": 7}, [True, False]),
        ({"within": "P7D", "op": "gte", "value": 9}, [False, False]),
        ({"op": "gte", "value": 1}, [True, True]),
        ({"op": "gte", "value": 60}, [True, False]),
    ],
)
async def test_who_enters_is_decided_as_the_filter_says(
    engine: AsyncEngine, asked: dict[str, Any], admitted: list[bool]
) -> None:
    one = plan("asked", **asked)
    entries = [back(customer, one) for customer in (DAILY, ONCE)]
    found = await RoutingStore(engine).decide_all(entries, (), shop.NOW)
    assert found is not None
    assert [run is not None for run in found] == admitted


async def test_a_window_and_none_of_the_same_name_read_it_all(engine: AsyncEngine) -> None:
    week, ever = plan("week", within="P7D", op="gte", value=7), plan("ever", op="gte", value=60)
    entries = [back(DAILY, week), back(DAILY, ever)]
    found = await RoutingStore(engine).decide_all(entries, (), shop.NOW)
    assert found is not None
    assert all(found)
