"""The router as a process: ``sojourn router``. Who is on duty, what wakes it, and how it comes back after an outage.

Of several routers one works and the others stand by. Duty is a lease that is renewed while there is progress, so that
a router which is frozen, hangs or has lost the database is relieved within seconds.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import TypeVar

import psycopg
import structlog
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.timing import REAL_TIME, Clock
from orchestrator.router.counts import RoutingCounts
from orchestrator.router.route_events import AT_ONCE, TICK, Router
from orchestrator.router.tell_merged_runs import tell_merged_runs
from orchestrator.settings import Settings
from orchestrator.store.coupons.redeem import redeem_events
from orchestrator.store.database import create_engine, plain_dsn, session_factory
from orchestrator.store.events.system_events import EVENTS_CHANNEL
from orchestrator.store.events.unrouted import Unrouted
from orchestrator.store.heartbeats import LEASE_SECONDS, Heartbeat
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.journeys.publish import JOURNEYS_CHANNEL
from orchestrator.store.runs.routing import RoutingStore
from orchestrator.store.surveys.complaints import apply_complaint_events
from orchestrator.store.workspace import load_clock, load_zone
from workflows.client import Runs, shows_step
from workflows.connection import connect

log = structlog.get_logger()

Answer = TypeVar("Answer")
Listening = psycopg.AsyncConnection[tuple[object, ...]]

REFRESH = timedelta(seconds=2)
"""How old the list of live plans may be where a notification of a change got lost."""
DUTY = "routing"
"""Name of the lease of whoever routes."""


def unless_real(clock: Clock) -> Clock:
    """A clock that changes nothing is the plain one: it then costs no byte of history."""
    return REAL_TIME if clock.day_seconds == 86_400.0 and clock.real == clock.journey else clock


async def main(settings: Settings) -> None:
    """Route until cancelled."""
    engine = create_engine(settings.database_url, pool_size=AT_ONCE, application="sojourn router")
    plans = Plans(engine)
    counts = RoutingCounts(settings.redis_url)
    try:
        client = await connect(settings, plans)
        runs = Runs(client, settings.task_queue, {}, settings.workspace_locale, await shows_step(client))
        clock = await _retry_until_answered(lambda: _workspace_clock(engine))
        zone = await _retry_until_answered(lambda: load_zone(engine, settings))
        store = RoutingStore(engine, zone, settings.most_starts)
        router = Router(store, runs, plans, clock, counts, partial(apply_workspace_effects, engine))
        heartbeat = Heartbeat(engine, "router", router.condition)
        router.progress = heartbeat.progress
        async with _wakeups(settings.database_url, heartbeat) as wakeup:
            log.info("router ready")
            await _serve(router, wakeup, counts)
    finally:
        await counts.close()
        await engine.dispose()


async def apply_workspace_effects(engine: AsyncEngine, events: Sequence[Unrouted]) -> int:
    """Apply what events mean to the whole workspace before journeys get them: redeemed coupons, complaints."""
    return await redeem_events(engine, events) + await apply_complaint_events(engine, events)


async def _workspace_clock(engine: AsyncEngine) -> Clock:
    async with session_factory(engine)() as session:
        return unless_real(await load_clock(session))


async def _retry_until_answered(ask: Callable[[], Awaitable[Answer]]) -> Answer:
    """The database's answer, retried while it cannot be reached."""
    while True:
        try:
            return await ask()
        except (psycopg.OperationalError, OperationalError, OSError) as error:
            log.warning("waiting for the database", error=type(error).__name__)
            await asyncio.sleep(TICK.total_seconds())


class Wakeup:
    """Set by notifications: events to route; journeys changed. ``on_duty``: the routers' lease is ours."""

    def __init__(self) -> None:
        self.any = asyncio.Event()
        self.on_duty = asyncio.Event()
        self.journeys = True


async def _serve(router: Router, wakeup: Wakeup, counts: RoutingCounts) -> None:
    refreshed = float("-inf")
    while True:
        router.progress()
        if not wakeup.on_duty.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(wakeup.on_duty.wait(), TICK.total_seconds())
            continue
        wakeup.any.clear()
        try:
            if wakeup.journeys or monotonic() - refreshed > REFRESH.total_seconds():
                wakeup.journeys = False
                await router.refresh()
                await tell_merged_runs(router.store.engine, router.runs, router.clock.now())
                refreshed = monotonic()
            if await router.route_batch():
                await counts.publish()
                continue
        except Exception:  # the store is away: everything is still there when it is back
            log.exception("routing failed, trying again")
            wakeup.journeys = True
            await asyncio.sleep(TICK.total_seconds())
            continue
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(wakeup.any.wait(), router.backoff.wait())


@contextlib.asynccontextmanager
async def _wakeups(database_url: str, heartbeat: Heartbeat) -> AsyncIterator[Wakeup]:
    """Holds the lease, gives signs of life, listens to the database, and comes back after it was away."""
    wakeup = Wakeup()
    first = await _retry_until_answered(lambda: _listening(database_url))
    tasks = [
        asyncio.create_task(_listen(database_url, first, wakeup)),
        asyncio.create_task(_hold_duty(heartbeat, wakeup)),
        asyncio.create_task(heartbeat.keep()),
    ]
    try:
        yield wakeup
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _hold_duty(heartbeat: Heartbeat, wakeup: Wakeup) -> None:
    """Take the lease when it is free, renew it while it is ours. Two on duty at once would do no harm, for every step
    of routing may be repeated, only work."""
    standing_by = False
    try:
        while True:
            try:
                ours = await asyncio.wait_for(heartbeat.take(DUTY), LEASE_SECONDS / 2)
            except (SQLAlchemyError, OSError, TimeoutError):
                ours = False
            if ours and not wakeup.on_duty.is_set():
                wakeup.journeys = True  # what was said meanwhile, nobody heard
                wakeup.on_duty.set()
            elif not ours:
                wakeup.on_duty.clear()
                if not standing_by:
                    log.info("another router is at work; standing by")
            standing_by = not ours
            await asyncio.sleep(TICK.total_seconds())
    finally:
        with contextlib.suppress(SQLAlchemyError, OSError, TimeoutError):
            await asyncio.shield(asyncio.wait_for(heartbeat.give_back(DUTY), TICK.total_seconds()))


async def _listening(database_url: str) -> Listening:
    """A connection that hears of events and journeys."""
    connection = await psycopg.AsyncConnection.connect(
        plain_dsn(database_url), autocommit=True, application_name="sojourn router listening"
    )
    try:
        for channel in (EVENTS_CHANNEL, JOURNEYS_CHANNEL):
            await connection.execute(f"listen {channel}")
    except BaseException:
        await connection.close()
        raise
    return connection


async def _listen(database_url: str, connection: Listening, wakeup: Wakeup) -> None:
    """Passes notifications on; what is said while the connection is broken, is found by the next look."""
    while True:
        wakeup.journeys = True
        wakeup.any.set()
        try:
            async for notification in connection.notifies():
                wakeup.journeys = wakeup.journeys or notification.channel == JOURNEYS_CHANNEL
                wakeup.any.set()
        except psycopg.Error:
            log.warning("lost the database; coming back to it")
        await connection.close()
        connection = await _retry_until_answered(lambda: _listening(database_url))
