"""Connections that have fallen silent: noticed in seconds, by asking over another one, and cut from our side.

A statement may take long, and a connection may be dead without anybody having said so: from here the two look alike.
TCP notices the second after many seconds, and behind a proxy that lives on not at all. So whoever has waited for long
is looked up over a new connection: the server works on their statement, then they wait on; it does not, or nobody
answers, then their socket is shut down, and the wait ends with an error that passes for what it is (``store.faults``).
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
import structlog
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine

log = structlog.get_logger(__name__)

SUSPICIOUS_AFTER = 2.5
"""Seconds of waiting after which one asks."""
PATIENCE = 2
"""Seconds for the answer, connecting included."""

_TIMER = "silence"
_STATES = "select pid, state from pg_stat_activity where usename = current_user"


@dataclass
class SilenceWatch:
    """Watches the statements of one engine, in the event loop that runs them. ``longest``: seconds after which a
    statement is over in any case, for the server would have ended it."""

    dsn: str
    longest: float
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Of the connection that asks."""
    _asking: asyncio.Task[Mapping[int, str] | None] | None = None
    _looking: set[asyncio.Task[None]] = field(default_factory=set)

    def attach(self, engine: AsyncEngine) -> None:
        """From now on no statement of the engine waits for a silent connection."""
        target = engine.sync_engine

        def begins(connection: Any, *_: Any) -> None:
            self._arm(connection.connection, ends=False)

        def ends(connection: Any, *_: Any) -> None:
            if not connection.invalidated:
                self._arm(connection.connection, ends=True)

        def over(connection: Any, *_: Any) -> None:
            if not connection.invalidated:
                _disarm(connection.connection.info)

        def failed(context: Any) -> None:
            if context.connection is not None:
                over(context.connection)

        event.listen(target, "handle_error", failed)
        event.listen(target, "before_cursor_execute", begins)
        event.listen(target, "after_cursor_execute", over)
        for name in ("commit", "rollback"):
            event.listen(target, name, ends)
        event.listen(target, "checkin", lambda _, record: _disarm(record.info))
        event.listen(target, "invalidate", lambda _, record, __: _disarm(record.info))
        event.listen(target, "engine_disposed", self.close)

    def close(self, *_: Any) -> None:
        """Leaves off."""
        for task in (*self._looking, self._asking):
            if task is not None:
                task.cancel()

    def _arm(self, connection: Any, *, ends: bool) -> None:
        """``ends``: of a commit, after which the server is idle whether its answer has come or not."""
        _disarm(connection.info)
        loop, driver = asyncio.get_running_loop(), connection.driver_connection
        began = loop.time()

        def look() -> None:
            task = loop.create_task(self._look(driver, connection.info, began, ends))
            self._looking.add(task)
            task.add_done_callback(self._looking.discard)

        connection.info[_TIMER] = loop.call_later(SUSPICIOUS_AFTER, look)

    async def _look(self, driver: Any, info: dict[str, Any], began: float, ends: bool) -> None:
        """Ask, and ask again while the server works on it."""
        loop, mine = asyncio.get_running_loop(), info.get(_TIMER)
        while info.get(_TIMER) is mine and mine is not None and not driver.closed:
            states = await self._ask()
            if info.get(_TIMER) is not mine:
                return  # the answer came meanwhile
            state = None if states is None else states.get(driver.pgconn.backend_pid)
            overdue = loop.time() - began > self.longest + SUSPICIOUS_AFTER
            lost = state is not None and state != "active" and not ends
            if states is None or lost or overdue:
                log.warning("a connection to the database is silent", state=state, answers=states is not None)
                shut_down(driver.pgconn.socket)
                return
            await asyncio.sleep(SUSPICIOUS_AFTER)

    async def _ask(self) -> Mapping[int, str] | None:
        """What the server does for each of our connections; None: nobody answers. One question for all who ask."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._states())
        return await asyncio.shield(self._asking)

    async def _states(self) -> Mapping[int, str] | None:
        try:
            connection = await psycopg.AsyncConnection.connect(self.dsn, autocommit=True, **self.parameters)
        except psycopg.OperationalError as error:
            return {} if error.sqlstate else None  # it speaks: it has only no room for one more
        asked = asyncio.ensure_future(connection.execute(_STATES))
        try:
            finished, _ = await asyncio.wait({asked}, timeout=PATIENCE)
            if not finished:
                shut_down(connection.pgconn.socket)
            return dict(await (await asked).fetchall())
        except psycopg.Error:
            return None
        finally:
            asked.cancel()
            connection.pgconn.finish()


def _disarm(info: dict[str, Any]) -> None:
    timer = info.pop(_TIMER, None)
    if timer is not None:
        timer.cancel()


def shut_down(descriptor: int) -> None:
    """Whoever waits for the other side learns at once that it is gone. Cancelling would ask that very side first."""
    with contextlib.suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(descriptor)) as one:
        one.shutdown(socket.SHUT_RDWR)
