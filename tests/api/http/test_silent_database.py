"""The network to PostgreSQL falls silent under the admin API: everybody learns it in seconds; slow is not silent."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from api.app import create_app
from orchestrator.settings import DEV_ADMIN_TOKEN, Settings
from tests.silent_wire import SilentWire
from tests.waiting import let_pass, until

BOUND = 5.0
"""Seconds in which an answer is to come; and one more, for this machine."""
PATHS = ("/api/journeys", "/api/customers", "/api/me", "/api/names", "/api/secrets", "/api/events", "/customers")


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[SilentWire]:
    async with SilentWire(database_url) as found:
        yield found


@pytest.fixture
async def app(wire: SilentWire, redis_url: str) -> AsyncIterator[FastAPI]:
    app = create_app(Settings(database_url=wire.url, redis_url=redis_url, temporal_address="127.0.0.1:1"))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def admin(app: FastAPI) -> AsyncIterator[AsyncClient]:
    transport = ASGITransport(app, client=("127.0.0.1", 50000), raise_app_exceptions=False)
    headers = {"Authorization": f"Bearer {DEV_ADMIN_TOKEN}"}
    async with AsyncClient(transport=transport, base_url="http://localhost", headers=headers) as client:
        yield client


async def answers(admin: AsyncClient, path: str) -> tuple[int, bool, float]:
    """Status, whether it says when to come back, and seconds."""
    began = time.monotonic()
    answer = await admin.get(path)
    return answer.status_code, "retry-after" in answer.headers, time.monotonic() - began


@pytest.mark.slow
async def test_whoever_asks_is_told_in_seconds_and_served_again_when_it_speaks(
    wire: SilentWire, admin: AsyncClient
) -> None:
    before = await asyncio.gather(*(answers(admin, path) for path in PATHS))
    assert {status for status, *_ in before} == {200}
    wire.fall_silent()
    for _ in range(2):  # on connections that were there, and on new ones
        told = await asyncio.gather(*(answers(admin, path) for path in PATHS))
        assert {one[:2] for one in told} == {(503, True)}, told
        assert max(seconds for *_, seconds in told) < BOUND + 1
    wire.speak()
    assert await until(lambda: serves(admin), "it is served again")


async def serves(admin: AsyncClient) -> bool:
    return {status for status, *_ in [await answers(admin, path) for path in PATHS]} == {200}


async def test_a_slow_statement_is_not_taken_for_a_silent_connection(
    app: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator.store.silence.SUSPICIOUS_AFTER", 0.2)
    async with app.state.resources.engine.begin() as db:
        assert (await db.execute(text("select 7, pg_sleep(1.5)"))).one()[0] == 7


async def test_whoever_made_a_mistake_keeps_the_connection(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is idle, and nobody waits for it."""
    monkeypatch.setattr("orchestrator.store.silence.SUSPICIOUS_AFTER", 0.1)
    async with app.state.resources.engine.connect() as db, db.begin():
        with pytest.raises(DBAPIError):
            async with db.begin_nested():
                await db.execute(text("select 1 / 0"))
        await let_pass(1.0, "it is looked at, if anybody looks")
        assert (await db.execute(text("select 1"))).scalar_one() == 1


async def test_an_answer_that_was_lost_is_not_waited_for(
    app: FastAPI, wire: SilentWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New connections are served, and this one is dead: nobody else is disturbed."""
    monkeypatch.setattr("orchestrator.store.silence.SUSPICIOUS_AFTER", 0.3)
    engine = app.state.resources.engine
    async with engine.connect() as lost, engine.connect() as other:
        await lost.execute(text("select 1"))
        await other.execute(text("select 1"))
        wire.lose_oldest()
        with pytest.raises(DBAPIError):
            await lost.execute(text("select 2"))
        assert (await other.execute(text("select 3"))).scalar_one() == 3
