"""How journeys fare: entries by day, conversions, what is held, and drafts that differ from what is live."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.database import create_engine
from orchestrator.store.journeys.health import Health, load_health
from orchestrator.store.journeys.journey_list import Wanted, page_of_journeys
from tests.web import shop

KEYS = ("lifecycle", "cart-recovery", "broken")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    await shop.fill(engine)
    yield engine
    await engine.dispose()


async def test_entries_by_day_conversions_and_held_messages(engine: AsyncEngine) -> None:
    health = await load_health(engine, shop.NOW, KEYS)
    assert health["lifecycle"].entered == (0, 0, 0, 0, 0, 1, 0)  # forty hours ago
    assert health["cart-recovery"].entered == (0, 0, 0, 0, 0, 0, 1)
    assert (health["cart-recovery"].converted, health["lifecycle"].converted) == (1, 0)
    assert health["broken"] == Health()
    assert health["lifecycle"].held == 0
    async with engine.begin() as db:
        await db.execute(
            text("update sends set status = 'held' where journey_key = 'lifecycle' and status = 'skipped'")
        )
    assert (await load_health(engine, shop.NOW, KEYS))["lifecycle"].held == 1


async def test_what_is_long_ago_or_still_to_come_is_not_lately(engine: AsyncEngine) -> None:
    for now in (shop.NOW + timedelta(days=9), shop.NOW - timedelta(days=9)):
        health = await load_health(engine, now, KEYS)
        assert {one.entered_lately for one in health.values()} == {0}


async def test_a_draft_that_differs_from_what_is_live_but_for_its_layout(engine: AsyncEngine) -> None:
    async with engine.begin() as db:
        await db.execute(
            text("update journey_versions v set document = j.draft from journeys j where j.key = v.journey_key")
        )
        await db.execute(
            text('update journeys set draft = draft || \'{"layout": {"lanes": "vertical"}}\' where key = \'lifecycle\'')
        )
        await db.execute(
            text("update journeys set draft = draft || '{\"name\": \"other\"}' where key = 'cart-recovery'")
        )
    page = await page_of_journeys(engine, Wanted())
    assert {one.key for one in page.rows if one.changed} == {"cart-recovery"}
