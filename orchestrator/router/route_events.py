"""The router: offers every stored event to the journeys and runs that it concerns.

Work is found by its empty ``routed_at``, so what a crash left behind is found like anything new: the sweep and the
normal course are one. A notification of the database wakes the router at once; a tick does so at the latest.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from temporalio.service import RPCError, RPCStatusCode

from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.routing import MOST_CHAIN, Routes, under_earlier_name, wakes_at
from orchestrator.core.timing import Clock
from orchestrator.router.counts import RoutingCounts
from orchestrator.store.events.unrouted import Unrouted
from orchestrator.store.faults import is_transient
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.live_plans import LivePlan, UnreadablePlan
from orchestrator.store.runs.routing import Listener, RoutingStore, ToStart, UnstartedRun
from workflows.client import Runs, StillClosing

log = structlog.get_logger()

Redeem = Callable[[Sequence[Unrouted]], Awaitable[int]]

BATCH = 500
TICK = timedelta(seconds=1)
AT_ONCE = 32
"""Customers routed side by side; the events of one customer go one after another."""
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
    return isinstance(error, StillClosing) or is_transient(error)


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
        self.shows_external_ids = False
        self.progress: Callable[[], None] = lambda: None
        """Called whenever something was done, or there was nothing to do."""

    async def refresh(self) -> None:
        """Take in what was published, paused or stopped."""
        live, unreadable = await self.store.live_plans()
        self.shows_external_ids = await self.store.shows_external_ids()
        before, self.live = self.live, {one.plan.key: one for one in live}
        if self.live != before:
            log.info("live journeys", versions=[f"{one.plan.key}@{one.version}" for one in live])
        if unreadable != self.unreadable:
            self.unreadable = unreadable
            for one in unreadable:
                log.error("nobody enters a journey that this build cannot read", **asdict(one))
        self.routes = Routes(tuple(one.plan for one in live))

    def condition(self) -> dict[str, Any]:
        """What this router says of itself to whoever looks after it."""
        return {"unreadable": [f"{one.key}@{one.version}" for one in self.unreadable]} if self.unreadable else {}

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
                self.progress()
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
        if event.chain > MOST_CHAIN and listeners:
            await self.store.cut(listeners)
            listeners = ()
        for listener in listeners:
            own = await self._plan(listener)
            if not listener.earlier:
                await self.runs.signal(listener.workflow_id, event.customer_event, own)
            elif own is not None and event.customer_event.name in wakes_at(own, listener.step):
                # Its history holds no such signal, so that it replays as it was; it only looks once more.
                await self.runs.signal(listener.workflow_id, under_earlier_name(event.customer_event), own)
        for run in admitted:
            if run is not None:
                await self._start(run, event)

    async def _plan(self, listener: Listener) -> Plan | None:
        """None where this build cannot read it: the run is then told everything, and nobody else waits for it."""
        try:
            return await self.plans.get(listener.plan_hash)
        except Exception as error:
            if is_transient(error):
                raise
            return None

    async def _to_start(self, run: UnstartedRun) -> ToStart:
        live = LivePlan(await self.plans.get(run.plan_hash), run.version)
        return ToStart(run.run_id, run.workflow_id, live, run.customer_id, run.zone, run.stage)

    async def _start(self, run: ToStart, event: Unrouted) -> None:
        """Start a run; one that Temporal is still closing under the same id is waited for."""
        external_id = await self.store.external_id(run.customer_id) if self.shows_external_ids else None
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
                    external_id=external_id,
                )
            except StillClosing:
                await asyncio.sleep(0.05)
            else:
                return
        raise StillClosing(run.workflow_id)
