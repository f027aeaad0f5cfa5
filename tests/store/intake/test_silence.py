"""A connection that dies without a word, a server that takes no more: the caller learns it in seconds."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest

from api.intake.routes import store_in_time
from orchestrator.store.database import plain_dsn
from orchestrator.store.intake.incoming import Incoming
from orchestrator.store.intake.writer import IntakeUnavailable, IntakeWriter
from tests.waiting import give_way, until


class SilentWire:
    """A wire to PostgreSQL that can fall silent: nothing is passed on any more, and nobody is told."""

    def __init__(self, database_url: str) -> None:
        url = urlsplit(plain_dsn(database_url))
        self._behind = (url.hostname or "127.0.0.1", url.port or 5432)
        self._passes = asyncio.Event()
        self._passes.set()
        self.url = database_url
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> "SilentWire":
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.url = self.url.replace(f":{self._behind[1]}/", f":{port}/", 1)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def fall_silent(self) -> None:
        self._passes.clear()

    def speak(self) -> None:
        self._passes.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, onward = await asyncio.open_connection(*self._behind)
        pipes = [asyncio.ensure_future(self._pipe(*ends)) for ends in ((reader, onward), (upstream, writer))]
        self._tasks.update(pipes)
        await asyncio.gather(*pipes, return_exceptions=True)
        for one in (writer, onward):
            one.close()

    async def _pipe(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65_536):
                await self._passes.wait()
                writer.write(chunk)
                await writer.drain()
        writer.close()


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
