"""The router as a process: ``sojourn router``. Who is on duty, what wakes it, and how it comes back after an outage.

Several routers share the work: each has some of the shards of all customers. It holds them by a lease that it renews
while there is progress, so that a router which is frozen, hangs or has lost the database is relieved within seconds.
When the number of routers changes, shards are handed over, each after what was under way in it.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import Any, TypeVar
from uuid import uuid4

import psycopg
import structlog
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.timing import REAL_TIME, Clock
from orchestrator.router.counts import RoutingCounts
from orchestrator.router.customer_backoff import TICK
from orchestrator.router.held_shards import HeldShards
from orchestrator.router.keep_segments import SegmentKeeper
from orchestrator.router.route_events import Router
from orchestrator.router.tell_merged_runs import tell_merged_runs
from orchestrator.settings import Settings
from orchestrator.store.coupons.redeem import redeem_events
from orchestrator.store.database import create_engine, plain_dsn, session_factory
from orchestrator.store.events.shards import LEASE_PREFIX, release, share_out
from orchestrator.store.events.system_events import EVENTS_CHANNEL
from orchestrator.store.events.unrouted import Unrouted
from orchestrator.store.faults import is_transient
from orchestrator.store.heartbeats import LEASE_SECONDS, Heartbeat
from orchestrator.store.journeys.notices import JOURNEYS_CHANNEL
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.routing import RoutingStore
from orchestrator.store.segments.build import build_some
from orchestrator.store.segments.members import note_sizes
from orchestrator.store.surveys.complaints import apply_complaint_events
from orchestrator.store.traits.counting import count_at_events
from orchestrator.store.workspace import event_settings, load_clock, load_zone
from workflows.client import Runs, shows_step
from workflows.connection import connect

log = structlog.get_logger()

Answer = TypeVar("Answer")
Listening = psycopg.AsyncConnection[tuple[object, ...]]

REFRESH = timedelta(seconds=15)
"""How old the list of live plans may be; a change of it is told at once (``JOURNEYS_CHANNEL``)."""
LOOK_FOR_MERGES = timedelta(seconds=2)
COUNTS_EVERY = timedelta(seconds=1)
NOTE_SIZES = timedelta(seconds=30)
CONNECTIONS = 16
LAST_ARRIVALS = 1.5
"""Seconds that what is under way has to arrive when the process is asked to end."""


def unless_real(clock: Clock) -> Clock:
    """A clock that changes nothing is the plain one: it then costs no byte of history."""
    return REAL_TIME if clock.day_seconds == 86_400.0 and clock.real == clock.journey else clock


async def main(settings: Settings) -> None:
    """Route until cancelled."""
    engine = create_engine(settings.database_url, pool_size=CONNECTIONS, application="sojourn router")
    try:
        plans = Plans(engine)
        client = await connect(settings, plans)
        runs = Runs(client, settings.task_queue, {}, settings.workspace_locale, await shows_step(client))
        await route_with(settings, engine, plans, runs)
    finally:
        await engine.dispose()


async def route_with(settings: Settings, engine: AsyncEngine, plans: Plans, runs: Runs) -> None:
    """Route until cancelled; ``runs``: what is told."""
    counts = RoutingCounts(settings.redis_url)
    try:
        clock = await _retry_until_answered(lambda: _workspace_clock(engine))
        zone = await _retry_until_answered(lambda: load_zone(engine, settings))
        store = RoutingStore(engine, zone, settings.most_starts)
        shards = HeldShards(uuid4())
        effects, segments = partial(apply_workspace_effects, engine, clock), SegmentKeeper(engine, zone)
        router = Router(store, runs, plans, clock, counts, effects, shards, segments)
        heartbeat = Heartbeat(engine, "router", router.condition, shards.me)
        router.progress = heartbeat.progress
        async with _wakeups(settings.database_url, router, shards, heartbeat) as wakeup:
            log.info("router ready")
            await _serve(router, wakeup)
    finally:
        await counts.close()


async def apply_workspace_effects(engine: AsyncEngine, clock: Clock, events: Sequence[Unrouted]) -> int:
    """Apply what events mean to the whole workspace before journeys get them: redeemed coupons, complaints, traits."""
    settings = await event_settings(engine)
    applied = await redeem_events(engine, events, settings) + await apply_complaint_events(engine, events, settings)
    return applied + await _count_traits(engine, events, settings, clock)


async def _count_traits(
    engine: AsyncEngine, events: Sequence[Unrouted], settings: Mapping[str, Any], clock: Clock
) -> int:
    """Traits that cannot be counted are counted at night; that must keep no event from its journeys."""
    if not settings.get("traits"):
        return 0
    try:
        return await count_at_events(engine, events, settings["traits"], settings["time_zone"], clock.now())
    except Exception as error:
        if is_transient(error):
            raise
        log.error("traits not counted", error=type(error).__name__, events=len(events), exc_info=error)
        return 0


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
    """Set by notifications: events to route; journeys changed."""

    def __init__(self) -> None:
        self.any = asyncio.Event()
        self.journeys = True


class _Every:
    """Something that is due from time to time."""

    def __init__(self, period: timedelta) -> None:
        self._period = period.total_seconds()
        self._last = float("-inf")

    def due(self) -> bool:
        """Whether it is time again; then it is not, for a period."""
        now = monotonic()
        if now - self._last < self._period:
            return False
        self._last = now
        return True


async def _serve(router: Router, wakeup: Wakeup) -> None:
    plans, merges, counts = _Every(REFRESH), _Every(LOOK_FOR_MERGES), _Every(COUNTS_EVERY)
    router.wake = wakeup.any.set
    while True:
        router.progress()
        wakeup.any.clear()
        try:
            if plans.due() or wakeup.journeys:
                wakeup.journeys = False
                await router.refresh()
            if merges.due():
                await tell_merged_runs(router.store.engine, router.runs, router.clock.now(), router.takes_from)
            if counts.due():
                await router.counts.publish()
            more = await router.go_on()
            if await router.keep_due(busy=more) or more:
                continue
        except Exception:  # the store is away: everything is still there when it is back
            log.exception("routing failed, trying again")
            wakeup.journeys = True
            await asyncio.sleep(TICK.total_seconds())
            continue
        with contextlib.suppress(TimeoutError):  # not ``wait_for``: that of Python 3.11 may swallow being cancelled
            async with asyncio.timeout(router.backoff.wait()):
                await wakeup.any.wait()


@contextlib.asynccontextmanager
async def _wakeups(
    database_url: str, router: Router, shards: HeldShards, heartbeat: Heartbeat
) -> AsyncIterator[Wakeup]:
    """Holds the shards, gives signs of life, listens to the database, and comes back after it was away."""
    wakeup = Wakeup()
    first = await _retry_until_answered(lambda: _listening(database_url))
    tasks = [
        asyncio.create_task(_listen(database_url, first, wakeup)),
        asyncio.create_task(_hold_shards(router, shards, heartbeat, wakeup)),
        asyncio.create_task(heartbeat.keep()),
        asyncio.create_task(build_segments(router)),
    ]
    try:
        yield wakeup
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _hold_shards(router: Router, shards: HeldShards, heartbeat: Heartbeat, wakeup: Wakeup) -> None:
    """Renew the lease, take a fair share of the shards, and give the others what is theirs."""
    engine, had = router.store.engine, -1
    try:
        while True:
            began = monotonic()
            try:
                async with asyncio.timeout(LEASE_SECONDS / 2):
                    if await heartbeat.take(LEASE_PREFIX + str(heartbeat.id)):
                        leaving = shards.renew(await share_out(engine, shards.me), began + LEASE_SECONDS)
                        await _hand_over(router, shards, leaving)
            except (psycopg.Error, SQLAlchemyError, OSError) as error:
                log.warning("the shards could not be renewed", error=type(error).__name__)
            if shards.count != had:
                had = shards.count
                wakeup.any.set()
                log.info("shards", held=had)
            await asyncio.sleep(TICK.total_seconds())
    finally:
        with contextlib.suppress(psycopg.Error, SQLAlchemyError, OSError):
            async with asyncio.timeout(LAST_ARRIVALS + TICK.total_seconds()):
                await asyncio.shield(_leave(router, shards, heartbeat))


async def _hand_over(router: Router, shards: HeldShards, leaving: set[int]) -> None:
    """Give shards back, those at once of which nothing is under way, and the others at one of the next looks."""
    free = leaving - router.busy_shards()
    if free:
        await release(router.store.engine, shards.me, free)
        shards.drop(free)


async def _leave(router: Router, shards: HeldShards, heartbeat: Heartbeat) -> None:
    """All of them, in order; what does not arrive in time is taken up by whoever comes next."""
    leaving = shards.leave_all()
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(LAST_ARRIVALS):
            await router.finish()
    router.give_up()
    await release(router.store.engine, shards.me, leaving)
    await heartbeat.give_back(LEASE_PREFIX + str(heartbeat.id))


async def build_segments(router: Router) -> None:
    """Work out who is in segments that are new or changed, beside all else, and note how large they are."""
    engine, sizes = router.store.engine, _Every(NOTE_SIZES)
    while True:
        built = None
        try:
            if router.shards is None or router.shards.count:
                built = await build_some(engine, router.clock.now(), router.store.time_zone)
            if sizes.due():
                await note_sizes(engine, router.clock.now())
        except Exception:  # the store is away, most likely: everything is still there when it is back
            log.exception("segments could not be built, trying again")
        await asyncio.sleep(0 if built else TICK.total_seconds())


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
