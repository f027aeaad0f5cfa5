"""Deliveries: an event reaches the runs that listen for it, and the runs that it begins. All of it may be repeated."""

import asyncio
from collections.abc import Awaitable, Coroutine, Sequence
from dataclasses import dataclass, field
from typing import Any

from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.routing import MOST_CHAIN, under_earlier_name, wakes_at
from orchestrator.core.timing import Clock
from orchestrator.store.events.unrouted import Unrouted
from orchestrator.store.faults import is_transient
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.entries import Entry, ToStart
from orchestrator.store.runs.live_plans import LivePlan
from orchestrator.store.runs.routing import Listener, RoutingStore, UnstartedRun
from workflows.client import Runs, StillClosing

AT_ONCE = 64
"""Calls of Temporal side by side."""
CLOSING_PATIENCE = 40


@dataclass(slots=True)
class Delivery:
    """An event, and whom it concerns: runs that listen, runs that an earlier attempt let in, entries to be decided, and
    what came of those."""

    event: Unrouted
    listeners: Sequence[Listener] = ()
    unstarted: Sequence[UnstartedRun] = ()
    entries: Sequence[Entry] = ()
    starts: list[ToStart] = field(default_factory=list)

    @property
    def concerns_nobody(self) -> bool:
        """No Temporal call is made of it, and nothing decided."""
        return not (self.listeners or self.unstarted or self.entries)


class Deliverer:
    """Speaks to Temporal for the router: customers' calls beside each other, so that a slow one holds nobody.

    ``at_once``: calls side by side; the others wait in their order.
    """

    def __init__(self, store: RoutingStore, runs: Runs, plans: Plans, at_once: int = AT_ONCE) -> None:
        self._store = store
        self._runs = runs
        self._plans = plans
        self._gate = asyncio.Semaphore(at_once)

    async def deliver(self, delivery: Delivery, clock: Clock, shows_external_ids: bool) -> None:
        """Wake whoever listens, and start who was let in. Raises what one of the calls raises, when all have ended."""
        event, listeners = delivery.event, delivery.listeners
        if event.chain > MOST_CHAIN and listeners:
            await self._store.cut(listeners)
            listeners = ()
        starts = [await self._earlier(run) for run in delivery.unstarted] + delivery.starts
        calls: list[Coroutine[Any, Any, None]] = [self._wake(one, event) for one in listeners]
        calls += [self._start(run, event, clock, shows_external_ids) for run in starts]
        if len(calls) == 1:
            await calls[0]
            return
        for failure in await asyncio.gather(*calls, return_exceptions=True):
            if isinstance(failure, BaseException):
                raise failure

    async def _wake(self, listener: Listener, event: Unrouted) -> None:
        own = await self._plan(listener)
        if not listener.earlier:
            await self._gated(self._runs.signal(listener.workflow_id, event.customer_event, own))
        elif own is not None and event.customer_event.name in wakes_at(own, listener.step):
            # Its history holds no such signal, so that it replays as it was; it only looks once more.
            told = under_earlier_name(event.customer_event)
            await self._gated(self._runs.signal(listener.workflow_id, told, own))

    async def _plan(self, listener: Listener) -> Plan | None:
        """None where this build cannot read it: the run is then told everything, and nobody else waits for it."""
        try:
            return await self._plans.get(listener.plan_hash)
        except Exception as error:
            if is_transient(error):
                raise
            return None

    async def _earlier(self, run: UnstartedRun) -> ToStart:
        """With the version that let it in, though another may be live by now, or none."""
        live = LivePlan(await self._plans.get(run.plan_hash), run.version)
        given = (run.customer_id, run.zone, run.stage, run.external_id, run.closed)
        return ToStart(run.run_id, run.workflow_id, live, *given)

    async def _start(self, run: ToStart, event: Unrouted, clock: Clock, shows_external_ids: bool) -> None:
        """Start a run; one that Temporal is still closing under the same id is waited for."""
        for _ in range(CLOSING_PATIENCE):
            try:
                await self._gated(
                    self._runs.start(
                        run.workflow_id,
                        run.live.plan,
                        run.live.version,
                        str(run.customer_id),
                        event.customer_event,
                        zone=run.zone,
                        stage=run.stage,
                        clock=clock,
                        closed=run.closed,
                        external_id=run.external_id if shows_external_ids else None,
                    )
                )
            except StillClosing:
                await asyncio.sleep(0.05)
            else:
                return
        raise StillClosing(run.workflow_id)

    async def _gated(self, call: Awaitable[bool]) -> None:
        async with self._gate:
            await call
