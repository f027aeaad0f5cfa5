"""Connections of psycopg's own, for the few statements that every message needs.

SQLAlchemy's asyncio layer costs a worker several times what these statements themselves cost it; so the ledger and the
outbox speak to the driver. Connections commit by themselves, speak UTC, prepare what they are asked, and are kept for
whoever comes next. They belong to an engine and go with it when it is disposed of.
"""

import asyncio
import select
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from weakref import WeakKeyDictionary

import orjson
import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads
from sqlalchemy import event
from sqlalchemy.engine import Dialect
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.database import liveness, plain_dsn

DirectConnection = psycopg.AsyncConnection[dict[str, Any]]


class Direct:
    """At most ``most`` connections at once; who finds none waits."""

    def __init__(self, dsn: str, most: int, application: str) -> None:
        self._dsn = dsn
        self._application = application
        self._slots = asyncio.Semaphore(most)
        self._idle: list[DirectConnection] = []

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[DirectConnection]:
        """A connection in autocommit mode, rows as dictionaries. Raises ``psycopg.OperationalError``."""
        async with self._slots:
            connection = self._kept() or await self._connect()
            try:
                yield connection
            finally:
                if connection.pgconn.transaction_status == TransactionStatus.IDLE:
                    self._idle.append(connection)
                else:
                    connection.pgconn.finish()

    def _kept(self) -> DirectConnection | None:
        """The one used last that the server has not closed: it says so, and nothing else comes unasked."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed and not _readable(connection.pgconn.socket):
                return connection
            connection.pgconn.finish()
        return None

    async def _connect(self) -> DirectConnection:
        connection = await psycopg.AsyncConnection.connect(
            self._dsn,
            autocommit=True,
            row_factory=dict_row,
            prepare_threshold=1,
            application_name=self._application,
            options="-c timezone=UTC",
            **liveness(),
        )
        set_json_loads(orjson.loads, connection)
        return connection

    def finish(self, *_: object) -> None:
        """Close those that nobody uses."""
        for connection in self._idle:
            connection.pgconn.finish()
        self._idle.clear()


def _readable(descriptor: int) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))


_OF: WeakKeyDictionary[Dialect, Direct] = WeakKeyDictionary()


def direct(engine: AsyncEngine) -> Direct:
    """The direct connections that belong to an engine: as many as the engine itself may have, under the same name."""
    # An engine with options is another object, but has the same dialect.
    found = _OF.get(engine.sync_engine.dialect)
    if found is None:
        pool: Any = engine.sync_engine.pool
        most = max(pool.size() + max(pool._max_overflow, 0), 1)
        application = str(engine.get_execution_options().get("application", "sojourn"))
        found = Direct(plain_dsn(engine.url.render_as_string(hide_password=False)), most, application)
        event.listen(engine.sync_engine, "engine_disposed", found.finish)
        _OF[engine.sync_engine.dialect] = found
    return found
