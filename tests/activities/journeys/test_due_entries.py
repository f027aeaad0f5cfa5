"""Customers whose day has come are offered to their journey once, at their own time, and nobody else is."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.journeys.due_entries import DueEntries
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.store.database import create_engine
from tests.api.journeys.routing import router_of
from tests.core.run.driver import straight, wait
from tests.store.traits.people import add_customer
from tests.workflows.live import publish

NOON = datetime(2026, 3, 5, 3, tzinfo=UTC)  # in Seoul
MINUTE = timedelta(minutes=1)
BIRTHDAY = {"kind": "date", "attribute": "birthday", "yearly": True, "at": "12:00"}
_DUE = text("select customer_id, properties, occurred_at from events where name = 'Entry Due' order by seq")
_ZONE = text("update customers set time_zone = :zone where id = :id")
_RUNS = text("select customer_id from runs order by customer_id")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


def plan(*triggers: dict[str, Any], **entry: Any) -> Plan:
    document = {**straight(wait("w", "Viewed")), "entry": {"triggers": list(triggers), **entry}}
    found = compile_journey(document)
    assert found.plan is not None, found.problems
    return found.plan


async def born(engine: AsyncEngine, birthday: Any, zone: str | None = None, **more: Any) -> UUID:
    customer = await add_customer(engine, NOON - timedelta(days=9), {"birthday": birthday, **more})
    async with engine.begin() as db:
        await db.execute(_ZONE, {"id": customer, "zone": zone})
    return customer


async def due(engine: AsyncEngine) -> list[tuple[UUID, datetime]]:
    async with engine.connect() as db:
        return [(row.customer_id, row.occurred_at) for row in await db.execute(_DUE)]


async def test_whose_birthday_it_is_enters_at_their_own_noon_once(engine: AsyncEngine) -> None:
    await publish(engine, [plan(BIRTHDAY)])
    seoul, unknown = await born(engine, "1990-03-05"), await born(engine, "2001-03-05", "Mars/Olympus")
    chicago = await born(engine, "1990-03-05", "America/Chicago")
    await born(engine, "1990-03-06")
    await born(engine, None)
    rounds = DueEntries(engine, "Asia/Seoul")
    assert await rounds.once(NOON - MINUTE) == {}
    assert await rounds.once(NOON) == {"test": 2}
    assert await rounds.once(NOON + MINUTE) == {}
    assert {customer for customer, _ in await due(engine)} == {seoul, unknown}
    assert {at for _, at in await due(engine)} == {NOON}
    later = NOON + timedelta(hours=15)  # noon in Chicago
    assert await rounds.once(later) == {"test": 1}
    assert (await due(engine))[-1] == (chicago, later)
    router = router_of(engine)
    await router.refresh()
    await router.route_batch()
    async with engine.connect() as db:
        assert set((await db.execute(_RUNS)).scalars()) == {seoul, unknown, chicago}


async def test_a_round_that_broke_off_is_made_again_and_offers_nobody_twice(engine: AsyncEngine) -> None:
    await publish(engine, [plan(BIRTHDAY)])
    await born(engine, "1990-03-05")
    rounds = DueEntries(engine, "Asia/Seoul")
    await rounds.once(NOON - MINUTE)
    await rounds.once(NOON)
    async with engine.begin() as db:
        await db.execute(text("update due_rounds set done_until = :before"), {"before": NOON - MINUTE})
    assert await rounds.once(NOON + MINUTE) == {}
    assert len(await due(engine)) == 1


async def test_what_was_missed_is_made_up_for_for_a_day(engine: AsyncEngine) -> None:
    await publish(engine, [plan(BIRTHDAY)])
    for birthday in ("1990-03-05", "1990-03-08"):
        await born(engine, birthday)
    rounds = DueEntries(engine, "Asia/Seoul")
    await rounds.once(NOON - MINUTE)
    assert await rounds.once(NOON + timedelta(days=3, hours=2)) == {"test": 1}
    [(_, at)] = await due(engine)
    assert at == NOON + timedelta(days=3)


async def test_a_new_trigger_begins_now(engine: AsyncEngine) -> None:
    await publish(engine, [plan(BIRTHDAY)])
    await born(engine, "1990-03-05")
    assert await DueEntries(engine, "Asia/Seoul").once(NOON + timedelta(hours=1)) == {}
    assert await due(engine) == []


async def test_a_schedule_lets_in_whom_the_filter_lets_in(engine: AsyncEngine) -> None:
    weekly = {"kind": "schedule", "on": "2026-03-05", "at": "12:00", "repeat": "weekly"}
    vip = {"kind": "attribute", "name": "vip", "op": "eq", "value": True}
    await publish(engine, [plan(weekly, filter=vip)])
    one = await born(engine, None, vip=True)
    await born(engine, None, vip=False)
    abroad = await born(engine, None, "America/Chicago", vip=True)
    rounds = DueEntries(engine, "Asia/Seoul")
    await rounds.once(NOON - MINUTE)
    assert await rounds.once(NOON) == {"test": 1}
    assert await rounds.once(NOON + timedelta(hours=15)) == {"test": 1}
    await rounds.once(NOON + timedelta(days=7) - MINUTE)
    await rounds.once(NOON + timedelta(days=7))
    assert [customer for customer, _ in await due(engine)] == [one, abroad, one]


async def test_for_everybody_at_once_in_the_workspaces_zone(engine: AsyncEngine) -> None:
    once = {"kind": "schedule", "on": "2026-03-05", "at": "12:00", "zone": "workspace"}
    await publish(engine, [plan(once)])
    for zone in (None, "America/Chicago"):
        await born(engine, None, zone)
    rounds = DueEntries(engine, "Asia/Seoul")
    await rounds.once(NOON - MINUTE)
    assert await rounds.once(NOON) == {"test": 2}


@pytest.mark.parametrize(
    ("attribute", "attributes"),
    [
        ("pet.born", {"pet": {"born": "2020-03-05"}}),
        ("pet.born", {"pet.born": "2020-03-05", "pet": {"born": "2020-07-01"}}),
        ("birthday", {"birthday": "2020-03-04T20:00:00Z"}),
    ],
)
async def test_dates_are_read_where_and_as_conditions_read_them(
    engine: AsyncEngine, attribute: str, attributes: dict[str, Any]
) -> None:
    await publish(engine, [plan({**BIRTHDAY, "attribute": attribute})])
    await add_customer(engine, NOON, attributes)
    rounds = DueEntries(engine, "Asia/Seoul")
    await rounds.once(NOON - MINUTE)
    assert await rounds.once(NOON) == {"test": 1}
