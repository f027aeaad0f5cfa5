"""The router: offers every stored event to the journeys and runs that it concerns. ``sojourn router``.

Work is found by its empty ``routed_at``, so what a crash left behind is found like anything new: the sweep and the
normal course are one. A notification of the database wakes the router at once; a tick does so at the latest.

Of several routers one works and the others stand by (an advisory lock, released with its connection).
"""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from time import monotonic
from typing import TypeVar
from uuid import UUID

import psycopg
import structlog
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.service import RPCError, RPCStatusCode

from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.routing import Routes
from orchestrator.core.timing import REAL_TIME, Clock
from orchestrator.router.counts import RoutingCounts
from orchestrator.router.merged_runs import tell_merged_runs
from orchestrator.settings import Settings
from orchestrator.store.coupons.redeem import redeem_events
from orchestrator.store.database import create_engine, plain_dsn, session_factory
from orchestrator.store.events.system_events import EVENTS_CHANNEL
from orchestrator.store.events.unrouted import Unrouted
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.journeys.publish import JOURNEYS_CHANNEL
from orchestrator.store.runs.routing import Listener, LivePlan, RoutingStore, ToStart, UnreadablePlan, UnstartedRun
from orchestrator.store.surveys.complaints import apply_complaint_events
from orchestrator.store.workspace import load_clock, load_zone
from workflows.client import Runs, StillClosing
from workflows.connection import connect

log = structlog.get_logger()

Answer = TypeVar("Answer")
Redeem = Callable[[Sequence[Unrouted]], Awaitable[int]]
Listening = psycopg.AsyncConnection[tuple[object, ...]]

BATCH = 500
TICK = timedelta(seconds=1)
REFRESH = timedelta(seconds=2)
"""How old the list of live plans may be where a notification of a change got lost."""
AT_ONCE = 32
"""Customers routed side by side; the events of one customer go one after another."""
LOCK = 0x50_4A_52_4E
_TAKE_LOCK = "select pg_try_advisory_lock(%s)"
CLOSING_PATIENCE = 40
FIRST_PAUSE, PASSING_PAUSE, LASTING_PAUSE = 0.5, 2.0, 60.0
"""Seconds for which a customer is set aside: at first; at most where the moment is to blame, where the event is."""
_REFUSED = frozenset(
    {
        RPCStatusCode.INVALID_ARGUMENT,
        RPCStatusCode.FAILED_PRECONDITION,
        RPCStatusCode.OUT_OF_RANGE,
        RPCStatusCode.UNIMPLEMENTED,
        RPCStatusCode.PERMISSION_DENIED,
    }
)
"""What Temporal answers where asking again will hardly help."""


def will_pass(error: Exception) -> bool:
    """Whether what went wrong is of the moment: a server that is away or busy, a run that is just closing."""
    if isinstance(error, RPCError):
        return error.status not in _REFUSED
    return isinstance(error, StillClosing | OSError | DBAPIError)


class CustomerBackoff:
    """Customers one of whose events could not be routed. They rest for a while, so that the others go on; twice as
    long each time."""

    def __init__(self) -> None:
        self._until: dict[UUID, float] = {}
        self._times: dict[UUID, int] = {}

    def put(self, customer: UUID, longest: float) -> float:
        """Set one aside; for how many seconds."""
        times = self._times[customer] = self._times.get(customer, 0) + 1
        pause = min(FIRST_PAUSE * 2.0 ** min(times - 1, 20), longest)
        self._until[customer] = monotonic() + pause
        return pause

    def forget(self, customer: UUID) -> None:
        """All is well again."""
        if self._times:
            self._times.pop(customer, None)
            self._until.pop(customer, None)

    def customers(self) -> list[UUID]:
        """Those who rest now."""
        now = monotonic()
        return [customer for customer, until in self._until.items() if until > now]

    def wait(self) -> float:
        """Seconds until somebody's rest is over, or until one looks anyway."""
        now = monotonic()
        return min([TICK.total_seconds(), *(until - now for until in self._until.values() if until > now)])


class Router:
    """Routes batch by batch. Holds the live plans; all else is in the store. ``redeem`` looks for coupon codes in
    what is about to be routed."""

    def __init__(
        self,
        store: RoutingStore,
        runs: Runs,
        plans: Plans,
        clock: Clock,
        counts: RoutingCounts,
        redeem: Redeem | None = None,
    ) -> None:
        self.store = store
        self.runs = runs
        self.plans = plans
        self.clock = clock
        self.counts = counts
        self.routes = Routes(())
        self.live: dict[str, LivePlan] = {}
        self.unreadable: list[UnreadablePlan] = []
        self.backoff = CustomerBackoff()
        self.redeem = redeem

    async def refresh(self) -> None:
        """Take in what was published, paused or stopped."""
        live, unreadable = await self.store.live_plans()
        before, self.live = self.live, {one.plan.key: one for one in live}
        if self.live != before:
            log.info("live journeys", versions=[f"{one.plan.key}@{one.version}" for one in live])
        if unreadable != self.unreadable:
            self.unreadable = unreadable
            for one in unreadable:
                log.error("nobody enters a journey that this build cannot read", **asdict(one))
        self.routes = Routes(tuple(one.plan for one in live))

    async def route_batch(self) -> int:
        """Route the oldest unrouted events; how many were. What fails stays unrouted and is tried again."""
        events = await self.store.unrouted(BATCH, self.backoff.customers())
        if not events:
            return 0
        if self.redeem is not None:
            await self.redeem(events)
        listeners: dict[tuple[UUID, str], list[Listener]] = defaultdict(list)
        for listener in await self.store.listeners(events):
            listeners[listener.customer_id, listener.event_name].append(listener)
        unstarted_runs: dict[str, list[UnstartedRun]] = defaultdict(list)
        for run in await self.store.unstarted_runs(events):
            unstarted_runs[run.message_id].append(run)
        customers: dict[UUID, list[Unrouted]] = defaultdict(list)
        for event in events:
            customers[event.customer_id].append(event)
        gate = asyncio.Semaphore(AT_ONCE)
        done = await asyncio.gather(
            *(self._route_customer(own, listeners, unstarted_runs, gate) for own in customers.values())
        )
        routed = [event for own in done for event in own]
        if routed:
            await self.store.mark_routed(routed, self.clock.now())
        self.counts.routed(len(routed), self.runs.calls)
        return len(routed)

    async def _route_customer(
        self,
        events: Sequence[Unrouted],
        listeners: Mapping[tuple[UUID, str], Sequence[Listener]],
        unstarted_runs: Mapping[str, Sequence[UnstartedRun]],
        gate: asyncio.Semaphore,
    ) -> list[Unrouted]:
        """Those events that reached everybody, up to the first that did not."""
        routed: list[Unrouted] = []
        customer = events[0].customer_id
        async with gate:
            for event in events:
                message_id = event.customer_event.message_id
                try:
                    own = listeners.get((customer, event.customer_event.name), ())
                    await self.route(event, own, unstarted_runs.get(message_id, ()))
                except Exception as error:  # one event must not keep the others from their runs
                    passing = will_pass(error)
                    pause = self.backoff.put(customer, PASSING_PAUSE if passing else LASTING_PAUSE)
                    about = {"message_id": message_id, "error": type(error).__name__, "again_in": pause}
                    if passing:
                        log.warning("event not routed yet", **about)
                    else:
                        log.exception("event cannot be routed", **about)
                    break
                self.backoff.forget(customer)
                routed.append(event)
        return routed

    async def route(
        self, event: Unrouted, listeners: Sequence[Listener], unstarted_runs: Sequence[UnstartedRun] = ()
    ) -> None:
        """Decide entries first, then wake the runs that listen, then start the admitted.

        ``unstarted_runs``: runs that an earlier attempt admitted and did not start. They start with the version that
        admitted them, though another may be live by now, or none.
        """
        now = max(self.clock.now(), event.customer_event.occurred_at)
        admitted: list[ToStart | None] = [await self._to_start(run) for run in unstarted_runs]
        known = {run.journey_key for run in unstarted_runs}
        for plan in self.routes.triggered(event.customer_event):
            if plan.key not in known:
                admitted.append(await self.store.decide(self.live[plan.key], event, now))
        for listener in listeners:
            await self.runs.signal(listener.workflow_id, event.customer_event, await self._plan(listener))
        for run in admitted:
            if run is not None:
                await self._start(run, event)

    async def _plan(self, listener: Listener) -> Plan | None:
        """None where this build cannot read it: the run is then told everything, and nobody else waits for it."""
        try:
            return await self.plans.get(listener.plan_hash)
        except (DBAPIError, OSError):
            raise
        except Exception:
            return None

    async def _to_start(self, run: UnstartedRun) -> ToStart:
        live = LivePlan(await self.plans.get(run.plan_hash), run.version)
        return ToStart(run.run_id, run.workflow_id, live, run.customer_id, run.zone, run.stage)

    async def _start(self, run: ToStart, event: Unrouted) -> None:
        """Start a run; one that Temporal is still closing under the same id is waited for."""
        for _ in range(CLOSING_PATIENCE):
            closed = await self.store.closed_run_ids(run.workflow_id)
            try:
                await self.runs.start(
                    run.workflow_id,
                    run.live.plan,
                    run.live.version,
                    str(run.customer_id),
                    event.customer_event,
                    zone=run.zone,
                    stage=run.stage,
                    clock=self.clock,
                    closed=closed,
                )
            except StillClosing:
                await asyncio.sleep(0.05)
            else:
                return
        raise StillClosing(run.workflow_id)


def unless_real(clock: Clock) -> Clock:
    """A clock that changes nothing is the plain one: it then costs no byte of history."""
    return REAL_TIME if clock.day_seconds == 86_400.0 and clock.real == clock.journey else clock


async def main(settings: Settings) -> None:
    """Route until cancelled."""
    engine = create_engine(settings.database_url, pool_size=AT_ONCE, application="sojourn router")
    plans = Plans(engine)
    counts = RoutingCounts(settings.redis_url)
    try:
        runs = Runs(await connect(settings, plans), settings.task_queue, {})
        clock = await _retry_until_answered(lambda: _workspace_clock(engine))
        store = RoutingStore(engine, await _retry_until_answered(lambda: load_zone(engine, settings)))
        router = Router(store, runs, plans, clock, counts, partial(apply_workspace_effects, engine))
        async with _wakeups(settings.database_url) as wakeup:
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
    """Set by notifications: events to route; journeys changed. ``on_duty``: the routers' lock is ours."""

    def __init__(self) -> None:
        self.any = asyncio.Event()
        self.on_duty = asyncio.Event()
        self.journeys = True


async def _serve(router: Router, wakeup: Wakeup, counts: RoutingCounts) -> None:
    refreshed = float("-inf")
    while True:
        await wakeup.on_duty.wait()
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
async def _wakeups(database_url: str) -> AsyncIterator[Wakeup]:
    """Holds the lock, listens to the database, and comes back after it was away."""
    wakeup = Wakeup()
    first = await _retry_until_answered(lambda: _listening(database_url))
    task = asyncio.create_task(_listen(database_url, first, wakeup))
    try:
        yield wakeup
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task


async def _listening(database_url: str) -> Listening:
    """A connection that holds the routers' lock: a second router waits here."""
    connection = await psycopg.AsyncConnection.connect(
        plain_dsn(database_url), autocommit=True, application_name="sojourn router on duty"
    )
    try:
        waiting = False
        while not await _take_lock(connection):
            if not waiting:
                log.info("another router is at work; standing by")
                waiting = True
            await asyncio.sleep(TICK.total_seconds())
        for channel in (EVENTS_CHANNEL, JOURNEYS_CHANNEL):
            await connection.execute(f"listen {channel}")
    except BaseException:
        await connection.close()
        raise
    return connection


async def _take_lock(connection: Listening) -> bool:
    row = await (await connection.execute(_TAKE_LOCK, (LOCK,))).fetchone()
    return bool(row and row[0])


async def _listen(database_url: str, connection: Listening, wakeup: Wakeup) -> None:
    """Passes notifications on. With the connection the lock is gone, and another router may have it: until we have it
    again we are off duty (two at once would do no harm, for every step of routing may be repeated, only work)."""
    while True:
        wakeup.on_duty.set()
        wakeup.journeys = True  # what was said meanwhile, nobody heard
        wakeup.any.set()
        try:
            async for notification in connection.notifies():
                wakeup.journeys = wakeup.journeys or notification.channel == JOURNEYS_CHANNEL
                wakeup.any.set()
        except psycopg.Error:
            log.warning("lost the database; coming back to it")
        wakeup.on_duty.clear()
        await connection.close()
        connection = await _retry_until_answered(lambda: _listening(database_url))
