"""A wire to PostgreSQL that can fall silent, as a network does whose firewall has forgotten a connection."""

import asyncio
import contextlib
from urllib.parse import urlsplit

from orchestrator.store.database import plain_dsn


class SilentWire:
    """A wire to PostgreSQL that can fall silent: nothing is passed on any more, and nobody is told."""

    def __init__(self, database_url: str) -> None:
        url = urlsplit(plain_dsn(database_url))
        self._behind = (url.hostname or "127.0.0.1", url.port or 5432)
        self._passes = asyncio.Event()
        self._passes.set()
        self.url = database_url
        self._tasks: set[asyncio.Task[None]] = set()
        self._made = 0
        self._lost: set[int] = set()

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

    def lose_oldest(self) -> None:
        """The connection that was made first passes nothing on any more; all others do."""
        self._lost.add(0)

    def speak(self) -> None:
        self._passes.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        number, self._made = self._made, self._made + 1
        upstream, onward = await asyncio.open_connection(*self._behind)
        pipes = [asyncio.ensure_future(self._pipe(number, *ends)) for ends in ((reader, onward), (upstream, writer))]
        self._tasks.update(pipes)
        await asyncio.gather(*pipes, return_exceptions=True)
        for one in (writer, onward):
            one.close()

    async def _pipe(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while chunk := await reader.read(65_536):
                await self._passes.wait()
                if number in self._lost:
                    continue
                writer.write(chunk)
                await writer.drain()
        writer.close()
