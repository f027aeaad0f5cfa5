"""Which processes are alive, as the database sees it: each holds an advisory lock for as long as it lives.

A process that dies, however it dies, loses its connection and with it the lock, at once and without a time-out. Needs a
connection of its own to the server (through pgbouncer: session pooling).
"""

import asyncio
import secrets
import time

from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_HOLD = text("select pg_advisory_lock(:id)")
_PROBE = text("select 1")
_FREE = text("select pg_try_advisory_xact_lock(:id)")
PROBE_EVERY = 10.0
"""Seconds for which a connection that answered is believed to be there still."""


class Presence:
    """This process, by a number that is its own until its connection breaks; then it takes another."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._connection: AsyncConnection | None = None
        self._id = 0
        self._probed = 0.0
        self._lock = asyncio.Lock()
        event.listen(engine.sync_engine, "engine_disposed", self._disposed)

    async def id(self) -> int:
        """The number under which this process is present now."""
        async with self._lock:
            if self._connection is not None and not await self._answers(self._connection):
                await self.end()
            if self._connection is None:
                connection = await self._engine.connect()
                self._id = secrets.randbits(62)
                try:
                    await connection.execute(_HOLD, {"id": self._id})
                except BaseException:
                    await connection.invalidate()
                    await connection.close()
                    raise
                self._connection, self._probed = connection, time.monotonic()
            return self._id

    async def _answers(self, connection: AsyncConnection) -> bool:
        if time.monotonic() - self._probed < PROBE_EVERY:
            return True
        try:
            await connection.execute(_PROBE)
        except DBAPIError:
            return False
        self._probed = time.monotonic()
        return True

    async def end(self) -> None:
        """Be gone; the next :meth:`id` is another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.invalidate()
            await connection.close()

    def _disposed(self, _: object) -> None:
        """The engine is disposed of, which leaves connections in use alone: this one goes too."""
        connection, self._connection = self._connection, None
        if connection is not None and connection.sync_connection is not None:
            connection.sync_connection.invalidate()
            connection.sync_connection.close()


async def alive(db: AsyncConnection, number: int) -> bool:
    """Whether the process of that number is still there. ``db``: a connection in autocommit mode."""
    return not (await db.execute(_FREE, {"id": number})).scalar_one()
