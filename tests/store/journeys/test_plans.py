"""Plans that were published, read many at once."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.database import create_engine
from orchestrator.store.journeys.live_counts import live_plans
from orchestrator.store.journeys.plans import Plans
from tests.web import shop


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    await shop.fill(engine)
    yield engine
    await engine.dispose()


async def test_the_live_plans_of_many_journeys_cost_two_questions_and_once_read_one(engine: AsyncEngine) -> None:
    asked: list[str] = []

    def ask(*given: Any) -> None:
        asked.append(given[2])

    plans = Plans(engine)
    event.listen(engine.sync_engine, "before_cursor_execute", ask)
    keys = {"lifecycle", "cart-recovery", "nowhere"}
    live = await live_plans(engine, keys)
    found = await plans.find([*live.values(), "never-stored"])
    assert set(live) == keys - {"nowhere"}
    assert {found[digest].journey.key for digest in live.values()} == set(live)
    assert len(found) == len(asked) == 2
    assert await plans.find(live.values()) == found
    assert len(asked) == 2
