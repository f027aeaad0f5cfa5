"""Deliveries that are struck at a chosen await: the process dies there, or is cancelled, or its connection breaks.

An await is counted whenever the delivery suspends, so every place is struck at which anything outside of the process
may have happened and the process does not know it yet.
"""
# ruff: noqa: ASYNC110

import asyncio
import math
from collections.abc import Coroutine, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Literal

import pytest
from psycopg import waiting
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.sending.deliver import DeliverInput, DeliverResult, Delivery
from tests.waiting import until

Blow = Literal["dies", "cancelled", "fails"]


class Struck:
    """Awaits a coroutine up to its ``n``-th suspension. ``reached``: whether there was one."""

    def __init__(self, inner: Coroutine[Any, Any, DeliverResult], n: int, blow: Blow, outer: asyncio.Task[Any]) -> None:
        self.inner = inner
        self.n = n
        self.blow = blow
        self.outer = outer
        self.reached = False
        self.dead: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def __await__(self) -> Generator[Any, Any, DeliverResult]:
        error: BaseException | None = None
        for count in range(1, 1_000_000):
            try:
                waiting = self.inner.send(None) if error is None else self.inner.throw(error)
            except StopIteration as over:
                result: DeliverResult = over.value
                return result
            error = None
            if count == self.n:
                self.reached = True
                if self.blow == "dies":
                    self.dead.set_result(None)
                    try:
                        yield from asyncio.get_running_loop().create_future()  # and is never heard of again
                    except asyncio.CancelledError as buried:
                        error = buried
                        continue
                elif self.blow == "cancelled":
                    asyncio.get_running_loop().call_soon(self.outer.cancel)
            try:
                yield waiting
            except BaseException as thrown:
                error = thrown
            if count == self.n and self.blow == "fails":
                error = ConnectionResetError("struck")
        raise AssertionError("endless")


async def strike(delivery: Delivery, given: DeliverInput, now: Any, n: int, blow: Blow) -> bool:
    """Deliver, struck at the ``n``-th await; False when it was through before. A dead one is left as it lies."""
    outer = asyncio.current_task()
    assert outer is not None
    carry_on, struck = delivery._carry_on, list[Struck]()

    async def stepping(work: Any) -> DeliverResult:
        struck.append(Struck(carry_on(work), n, blow, running))
        return await struck[0]

    delivery._carry_on = stepping  # type: ignore[method-assign]
    with _time_suspends_nobody():
        running = asyncio.create_task(delivery.carry_out(given, now))
        while not struck:
            await asyncio.sleep(0)
        waited: set[asyncio.Future[Any]] = {running, struck[0].dead}
        await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    delivery._carry_on = carry_on  # type: ignore[method-assign]
    if running.done() and not running.cancelled() and running.exception() is not None and not struck[0].reached:
        raise running.exception() or AssertionError
    if not running.done():
        delivery._corpse = running  # type: ignore[attr-defined] # or it would be collected, and its connections with it
    return struck[0].reached


@contextmanager
def _time_suspends_nobody() -> Iterator[None]:
    """Within, a statement suspends for its answer alone.

    psycopg also wakes up every tenth of a second, and gives way when it has been busy: on a slow machine an await more
    or less each time, so that the ``n``-th would be another one, and a walk through all of them would jump over some.
    """
    patched = pytest.MonkeyPatch()
    for name in ("wait_async", "wait_conn_async"):
        patched.setattr(waiting, name, partial(_without_interval, getattr(waiting, name)))
    patched.setattr(waiting, "MAX_BUSY_TIME", math.inf)
    try:
        yield
    finally:
        patched.undo()


async def _without_interval(wait: Any, *given: Any, **options: Any) -> Any:
    return await wait(*given, **{**options, "interval": 3600.0})


async def bury(delivery: Delivery) -> None:
    """What the operating system does with the connections of a process; call :func:`disconnect` first."""
    corpse: asyncio.Task[Any] | None = getattr(delivery, "_corpse", None)
    if corpse is not None:
        for task in list(delivery._under_way):
            task.cancel()
        corpse.cancel()
        await asyncio.gather(corpse, *delivery._under_way, return_exceptions=True)


async def disconnect(by: AsyncEngine, application: str) -> None:
    """End the server's side of a process's connections, once what it asked for last is done.

    Again until none is left: one that was being opened when the blow fell may show only afterwards.
    """
    theirs = "from pg_stat_activity where application_name = :name"
    async with by.execution_options(isolation_level="AUTOCOMMIT").connect() as db:

        async def none(asked: str) -> bool:
            found = await db.execute(text(f"select {asked}"), {"name": application})
            return not found.all()

        await until(lambda: none(f"pid {theirs} and state = 'active'"), "what it asked for last is done", pause=0.005)
        await until(lambda: none(f"pg_terminate_backend(pid) {theirs}"), "its connections are gone", pause=0.005)
