"""Signs of life, and the lease of whoever is on duty."""

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store import heartbeats
from orchestrator.store.database import create_engine
from orchestrator.store.heartbeats import Heartbeat, living


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


async def age(engine: AsyncEngine, seconds: float) -> None:
    """Let everything that was said have been said so long ago."""
    async with engine.begin() as db:
        for column, table in (("beat_at", "processes"), ("until", "leases")):
            passed = "make_interval(secs => :seconds)"
            await db.execute(text(f"update {table} set {column} = {column} - {passed}"), {"seconds": seconds})


async def kinds(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as db:
        return [process.kind for process in await living(db)]


async def test_who_says_nothing_for_ten_seconds_is_not_counted_on(engine: AsyncEngine) -> None:
    worker, router = Heartbeat(engine, "worker"), Heartbeat(engine, "router")
    await worker.beat()
    await router.beat()
    await age(engine, heartbeats.GONE_AFTER)
    await router.beat()
    assert await kinds(engine) == ["router"]


async def test_one_at_a_time_is_on_duty_and_a_frozen_one_is_relieved_within_ten_seconds(engine: AsyncEngine) -> None:
    first, second = Heartbeat(engine, "router"), Heartbeat(engine, "router")
    assert [await first.take("routing"), await second.take("routing"), await first.take("routing")] == [
        True,
        False,
        True,
    ]
    await age(engine, 9)  # frozen: it holds its connections, and renews nothing
    assert [await second.take("routing"), await first.take("routing")] == [True, False]
    await second.give_back("routing")
    assert await first.take("routing")


async def test_who_makes_no_progress_lets_go_of_its_duty(engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    router = Heartbeat(engine, "router")
    router.progress()
    assert await router.take("routing")
    monkeypatch.setattr(heartbeats, "STALLED_AFTER", 0.0)
    assert not await router.take("routing")
    router.progress()
    monkeypatch.undo()
    assert await router.take("routing")
