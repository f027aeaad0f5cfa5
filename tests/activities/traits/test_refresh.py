"""A night's work: everybody counted, models learned, figures written, and who waits is told."""

import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.traits.refresh import TraitActivities
from orchestrator.store.database import create_engine
from orchestrator.store.traits.nightly import newest_models
from tests.store.traits.people import add_act, add_customer, attributes_of, set_traits

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


async def test_a_night_counts_learns_and_writes(engine: AsyncEngine) -> None:
    await set_traits(engine, {})
    draw = random.Random(3)
    people = [await add_customer(engine, NOW) for _ in range(40)]
    for n, customer in enumerate(people):
        first = 300 - draw.random() * 100
        for k in range(n % 6 + 1):
            at = NOW - timedelta(days=max(0.5, first - k * (10 + 40 * draw.random())))
            await add_act(engine, customer, "Order Completed", at, revenue=10_000 + 1_000 * n)
    silent, bystander = await add_customer(engine, NOW), await add_customer(engine, NOW)
    for hour in range(6):
        await add_act(engine, bystander, "Viewed", datetime(2026, 6, 20 + hour, 11, tzinfo=UTC))
    night = TraitActivities(engine)
    told = await night.once(NOW)
    assert told["customers"] == 42
    computed = (await attributes_of(engine, people[5]))["computed"]
    assert computed["orders"] == 6
    assert 0 <= computed["p_alive"] <= 1
    assert 0 <= computed["expected_orders_30"] <= computed["expected_orders_90"]
    assert computed["clv"] > 0
    assert set(computed["rfm"]) == {"recency", "frequency", "monetary"}
    assert computed["rfm"]["frequency"] == 5
    assert computed["as_of"] == "2026-06-30"
    assert (await attributes_of(engine, silent))["computed"] == {"orders": 0}
    assert (await attributes_of(engine, bystander))["computed"]["best_hour"] == 20  # of Seoul
    [model] = await newest_models(engine)
    assert (model.customers, model.problem) == (40, "")
    assert set(model.report["bg_nbd"]) >= {"r", "alpha", "a", "b", "log_likelihood"}
    assert sum(row["customers"] for row in model.report["holdout"]) == 40
    assert (await night.once(NOW))["changed"] == 0


async def test_too_few_customers_have_no_models_and_that_is_told(engine: AsyncEngine) -> None:
    await set_traits(engine, {})
    one = await add_customer(engine, NOW)
    await add_act(engine, one, "Order Completed", NOW - timedelta(days=3), revenue=5)
    await TraitActivities(engine).once(NOW)
    computed = (await attributes_of(engine, one))["computed"]
    assert "p_alive" not in computed
    assert computed["rfm"]["recency"] == 5
    [model] = await newest_models(engine)
    assert model.problem == "too_few_customers"


async def test_only_who_waits_is_told(engine: AsyncEngine) -> None:
    await set_traits(engine, {})
    waiting, other = await add_customer(engine, NOW), await add_customer(engine, NOW)
    for customer in (waiting, other):
        await add_act(engine, customer, "Order Completed", NOW - timedelta(days=3), revenue=5)
    async with engine.begin() as db:
        await db.execute(
            text("""
            insert into listening (run_id, event_name, customer_id, workflow_id)
            values (gen_random_uuid(), 'Customer Updated', :customer, 'journey/customer')
            """),
            {"customer": waiting},
        )
    await TraitActivities(engine).once(NOW)
    async with engine.connect() as db:
        told = await db.execute(text("select distinct customer_id from events where name = 'Customer Updated'"))
        assert list(told.scalars()) == [waiting]


async def test_where_nothing_is_computed_a_night_does_nothing(engine: AsyncEngine) -> None:
    await set_traits(engine, None)
    one = await add_customer(engine, NOW)
    assert await TraitActivities(engine).once(NOW) == {}
    assert await attributes_of(engine, one) == {}
