"""A connection that dies without a word, a server that takes no more: the caller learns it in seconds."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from api.intake.routes import store_in_time
from orchestrator.store.intake.incoming import Incoming
from orchestrator.store.intake.writer import IntakeUnavailable, IntakeWriter
from tests.silent_wire import SilentWire
from tests.waiting import give_way, until


def viewed(n: int) -> Incoming:
    now = datetime.now(UTC)
    return Incoming(f"m{n}", "track", "Viewed", "mina", None, {}, b"{}", b"{}", now, now)


@pytest.fixture
async def wire(database_url: str) -> AsyncIterator[SilentWire]:
    async with SilentWire(database_url) as found:
        yield found


async def test_a_silent_connection_is_told_in_time_and_given_up(
    wire: SilentWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("orchestrator.store.intake.writer._PATIENCE", 1.0)
    writer = IntakeWriter(wire.url)
    await writer.start()
    assert await store_in_time(writer, [viewed(0)]) == ["stored"]
    wire.fall_silent()
    before = time.monotonic()
    callers = [asyncio.ensure_future(store_in_time(writer, [viewed(n)])) for n in range(1, 4)]
    for answer in await asyncio.gather(*callers, return_exceptions=True):
        assert isinstance(answer, IntakeUnavailable)
    assert time.monotonic() - before < 30  # a machine at work; unbounded, it would be minutes
    wire.speak()
    assert await until(lambda: _stores(writer, 9), "a new connection is made by itself")
    await writer.close()


async def test_who_was_told_that_it_took_too_long_is_not_stored_afterwards(
    wire: SilentWire, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They send it again; without a message id of their own it would be there twice."""
    monkeypatch.setattr("api.intake.routes.PATIENCE", 0.2)
    writer = IntakeWriter(wire.url)
    await writer.start()
    assert await _stores(writer, 0)
    wire.fall_silent()
    first = asyncio.ensure_future(store_in_time(writer, [viewed(1)]))
    for _ in range(9):
        await give_way()  # until the first is on its way, the second behind it
    await until(lambda: not writer._queue)
    with pytest.raises(IntakeUnavailable):
        await store_in_time(writer, [viewed(2)])  # waits behind the first
    with pytest.raises(IntakeUnavailable):
        await first
    wire.speak()
    monkeypatch.setattr("api.intake.routes.PATIENCE", 4.5)
    assert await until(lambda: _stores(writer, 3))
    assert await store_in_time(writer, [viewed(2)]) == ["stored"]
    await writer.close()


async def _stores(writer: IntakeWriter, n: int) -> bool:
    try:
        return await store_in_time(writer, [viewed(n)]) in (["stored"], ["duplicate"])
    except IntakeUnavailable:
        return False
