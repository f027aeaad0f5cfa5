"""The workspace's clock: set once from the settings, changed without journey time ever going backwards."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from orchestrator.settings import Settings
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.migrate import upgrade
from orchestrator.store.workspace import ensure_workspace, load_clock, set_day_seconds

START = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
async def session(database_url: str) -> AsyncIterator[AsyncSession]:
    upgrade(database_url)
    engine = create_engine(database_url)
    async with session_factory(engine)() as session:
        await session.execute(text("delete from workspace"))
        yield session
        await session.rollback()
    await engine.dispose()


async def test_first_use_takes_the_settings(session: AsyncSession) -> None:
    workspace = await ensure_workspace(session, Settings(workspace_time_zone="Europe/Paris", day_seconds=20), START)
    assert workspace.time_zone == "Europe/Paris"
    clock = await load_clock(session)
    assert clock.at(START) == START
    assert clock.at(START + timedelta(seconds=20)) == START + timedelta(days=1)


async def test_before_first_use_time_is_real(session: AsyncSession) -> None:
    assert (await load_clock(session)).at(START) == START


async def test_a_change_of_speed_goes_on_from_where_time_stands(session: AsyncSession) -> None:
    await ensure_workspace(session, Settings(day_seconds=20), START)
    changed = START + timedelta(seconds=40)
    for day_seconds in (86_400, 5, None):
        before = (await load_clock(session)).at(changed)
        await set_day_seconds(session, day_seconds, changed)
        clock = await load_clock(session)
        assert clock.at(changed) == before
        assert clock.at(changed + timedelta(seconds=1)) > before
        changed += timedelta(seconds=10)


async def test_a_tool_started_without_a_speed_keeps_the_stored_one(session: AsyncSession) -> None:
    await ensure_workspace(session, Settings(day_seconds=20), START)
    assert (await ensure_workspace(session, Settings())).day_seconds == 20
    assert (await ensure_workspace(session, Settings(day_seconds=10))).day_seconds == 10
