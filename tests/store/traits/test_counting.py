"""Traits are counted before journeys get an event, once, and beside all else that is known of a customer."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.store.connection_pool import direct
from orchestrator.store.database import create_engine
from orchestrator.store.events.unrouted import Unrouted
from orchestrator.store.intake.merge import lock_identities, merge_customers
from orchestrator.store.traits.counting import count_at_events
from tests.store.traits.people import add_act, add_customer, attributes_of, set_traits

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
_TOLD = text("select properties from events where customer_id = :id and name = 'Customer Updated' order by seq")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


async def order(engine: AsyncEngine, customer: UUID, at: datetime = NOW, revenue: int = 10_000) -> Unrouted:
    message = await add_act(engine, customer, "Order Completed", at, revenue=revenue)
    return Unrouted(customer, CustomerEvent(message, "Order Completed", at, {"revenue": revenue}))


async def count(engine: AsyncEngine, *events: Unrouted, settings: Any = None) -> int:
    return await count_at_events(engine, events, {} if settings is None else settings, "Asia/Seoul", NOW)


async def test_an_order_changes_its_customer_before_journeys_hear_of_it(engine: AsyncEngine) -> None:
    one = await add_customer(engine, NOW, {"city": "Seoul", "computed": {"p_alive": 0.5, "orders": 7}})
    other = await add_customer(engine, NOW)
    await add_act(engine, other, "Order Completed", NOW)
    event = await order(engine, one)
    assert await count(engine, event) == 1
    found = await attributes_of(engine, one)
    assert found["city"] == "Seoul"
    assert found["computed"]["orders"] == 1
    assert found["computed"]["order_total"] == {"KRW": 10_000}
    assert found["computed"]["p_alive"] == 0.5
    assert await attributes_of(engine, other) == {}
    async with engine.connect() as db:
        [told] = (await db.execute(_TOLD, {"id": one})).scalars()
    assert told["computed"]["orders"] == 1


async def test_counting_again_changes_nothing_and_tells_nobody(engine: AsyncEngine) -> None:
    one = await add_customer(engine, NOW)
    event = await order(engine, one)
    assert [await count(engine, event) for _ in range(2)] == [1, 0]
    async with engine.connect() as db:
        assert len((await db.execute(_TOLD, {"id": one})).all()) == 1


async def test_a_clock_that_is_ahead_counts_for_its_own_customer_alone(engine: AsyncEngine) -> None:
    one, other = await add_customer(engine, NOW), await add_customer(engine, NOW)
    settings = {"traits": [{"key": "lately", "event": "Order Completed", "within": "P1D"}]}
    ahead, event = await order(engine, one, NOW + timedelta(days=3)), await order(engine, other)
    assert await count(engine, ahead, event, settings=settings) == 2
    for customer in (one, other):
        computed = (await attributes_of(engine, customer))["computed"]
        assert (computed["orders"], computed["lately"]) == (1, 1)


async def test_a_trait_that_is_defined_no_more_goes(engine: AsyncEngine) -> None:
    one = await add_customer(engine, NOW)
    event = await order(engine, one)
    await count(engine, event, settings={"traits": [{"key": "mine", "event": "Order Completed"}]})
    assert (await attributes_of(engine, one))["computed"]["mine"] == 1
    await count(engine, event, settings={"traits": [{"key": "mine", "event": "Other"}]})
    assert (await attributes_of(engine, one))["computed"]["mine"] == 0


async def test_where_nothing_is_computed_nothing_is_written(engine: AsyncEngine) -> None:
    one = await add_customer(engine, NOW)
    event = await order(engine, one)
    assert await count_at_events(engine, [event], None, "UTC", NOW) == 0
    assert await count_at_events(engine, [event], {"of": "another build"}, "UTC", NOW) == 0
    assert await attributes_of(engine, one) == {}


async def test_whoever_becomes_one_person_has_the_orders_of_both(engine: AsyncEngine) -> None:
    await set_traits(engine, {})
    known, visitor = await add_customer(engine, NOW), await add_customer(engine, NOW)
    for customer, days in ((known, 9), (visitor, 4)):
        await count(engine, await order(engine, customer, NOW - timedelta(days=days)))
    async with direct(engine).connection() as db, db.transaction():
        tuples: Any = db
        before, tuples.row_factory = tuples.row_factory, lambda cursor: tuple
        await lock_identities(tuples)
        await merge_customers(tuples, visitor, known, NOW)
        tuples.row_factory = before
    found = await attributes_of(engine, known)
    assert found["computed"]["orders"] == 2
    assert found["computed"]["order_interval_days"] == 5
