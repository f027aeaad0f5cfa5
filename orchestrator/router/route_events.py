"""The router: offers every stored event to the journeys and runs that it concerns.

Work is found by its empty ``routed_at``, so what a crash left behind is found like anything new: the sweep and the
normal course are one. A notification of the database wakes the router at once; a tick does so at the latest.

A pass reads what waits and decides it as a set, in one commit. What concerns somebody is then under way, each
customer's events one after another and beside everybody else's; the next pass goes on without waiting, leaves those
customers alone, and marks what has arrived.

What waits is read from both ends: the oldest first, and where there is more than a pass takes, some of what came last
as well, by calls of their own. Behind an audience that comes at once, a purchase is routed as soon as ever.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence, Set
from dataclasses import asdict, dataclass, field
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from temporalio.service import RPCError, RPCStatusCode

from orchestrator.core.run.routing import Routes
from orchestrator.core.timing import Clock
from orchestrator.router.counts import RoutingCounts
from orchestrator.router.customer_backoff import LASTING_PAUSE, PASSING_PAUSE, CustomerBackoff
from orchestrator.router.deliver_events import Deliverer, Delivery
from orchestrator.router.held_shards import HeldShards
from orchestrator.router.keep_segments import SegmentKeeper
from orchestrator.store.events.shards import SHARDS, Fence, shard_of
from orchestrator.store.events.unrouted import LEAST_OF_A_SHARD, Unrouted
from orchestrator.store.faults import is_transient
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.entries import Entry
from orchestrator.store.runs.live_plans import LivePlan, UnreadablePlan
from orchestrator.store.runs.routing import Listener, RoutingStore, UnstartedRun
from workflows.client import Runs, StillClosing

log = structlog.get_logger()

Redeem = Callable[[Sequence[Unrouted]], Awaitable[int]]

BATCH = 500
MOST_UNDER_WAY = 512
"""Customers whose events are on their way at once; the events of one customer go one after another."""
MOST_FRESH = 16
"""Customers more, of those whose events came last: what has just come is not kept waiting by all that waits already."""
BETWEEN_LOOKS = 0.05
"""Seconds between two looks at what came last, while there is no room for anything else."""
LONGEST = 20.0
"""Seconds for which an event may be on its way; then its customer is set aside for a while, and it is tried again."""
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


@dataclass(slots=True, eq=False)
class _UnderWay:
    """A customer's events that concern somebody. ``arrived``: those that reached everybody, up to the first that did
    not."""

    customer: UUID
    deliveries: Sequence[Delivery]
    arrived: list[Unrouted] = field(default_factory=list)
    task: asyncio.Task[None] | None = None


class Router:
    """Routes pass by pass. Holds the live plans; all else is in the store.

    ``redeem`` looks for coupon codes in what is about to be routed. ``shards``: those whose events are this router's;
    None: all, and there is no other router. ``segments``: keeps their membership; None: nobody does.
    """

    def __init__(
        self,
        store: RoutingStore,
        runs: Runs,
        plans: Plans,
        clock: Clock,
        counts: RoutingCounts,
        redeem: Redeem | None = None,
        shards: HeldShards | None = None,
        segments: SegmentKeeper | None = None,
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
        self.shards = shards
        self.shows_external_ids = False
        self.progress: Callable[[], None] = lambda: None
        """Called whenever something was done, or there was nothing to do."""
        self.wake: Callable[[], None] = lambda: None
        """Called when what was under way has come to its end: the next pass marks it."""
        self.segments = segments
        self._deliverer = Deliverer(store, runs, plans)
        self._fresh_deliverer = Deliverer(store, runs, plans, MOST_FRESH)
        self._under_way: dict[UUID, _UnderWay] = {}
        self._fresh: set[UUID] = set()
        """Customers under way because what they did came last."""
        self._looked = float("-inf")
        """When it was looked at what came last, by the monotonic clock."""
        self._ended: list[_UnderWay] = []

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
        said: dict[str, Any] = {"shards": self.shards.count} if self.shards is not None else {}
        if self.unreadable:
            said["unreadable"] = [f"{one.key}@{one.version}" for one in self.unreadable]
        return said

    async def route_batch(self) -> int:
        """One pass over the oldest unrouted events, to its end; how many were routed. What fails stays unrouted and is
        tried again."""
        routed, _ = await self._pass(taking=True)
        while self._under_way:
            await self._arrivals()
            more, _ = await self._pass(taking=False)
            routed += more
        return routed

    async def go_on(self) -> bool:
        """One pass, without waiting for what it sets under way. Whether more may wait that nobody will tell of."""
        _, taken = await self._pass(taking=True)
        return taken >= LEAST_OF_A_SHARD

    async def finish(self) -> None:
        """Until nothing is under way and what arrived is marked; takes nothing more."""
        while self._under_way:
            await self._arrivals()
            await self._pass(taking=False)

    def busy_shards(self) -> set[int]:
        """Those of whose customers something is under way."""
        return {shard_of(customer) for customer in self._under_way}

    def takes_from(self, customer: UUID) -> bool:
        """Whether a customer is one of this router's."""
        return self.shards is None or self.shards.holds(customer)

    async def _arrivals(self) -> None:
        """Until something that is under way has come to its end."""
        tasks = [one.task for one in self._under_way.values() if one.task is not None]
        if not self._ended and tasks:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)

    def give_up(self) -> None:
        """What is under way stays unrouted, for whoever comes next."""
        for one in self._under_way.values():
            if one.task is not None:
                one.task.cancel()

    async def route(
        self, event: Unrouted, listeners: Sequence[Listener], unstarted: Sequence[UnstartedRun] = ()
    ) -> None:
        """One event alone: decide entries, wake the runs that listen, start the admitted. It is not marked."""
        delivery = Delivery(event, listeners, unstarted, self._entries(event, unstarted))
        if delivery.entries:
            await self._decide([delivery], [])
        await self._deliverer.deliver(delivery, self.clock, self.shows_external_ids)

    async def _pass(self, *, taking: bool) -> tuple[int, int]:
        """How many events were marked as routed, and how many were taken from the log."""
        ended, self._ended = self._ended, []
        try:
            routed = [event for one in ended for event in one.arrived]
            taken = await self._take({one.customer for one in ended}, routed) if taking else {}
            routed += [one.event for own in taken.values() for one in own if _quiet(own)]
            ours = await self._commit(taken, routed)
        except BaseException:
            self._ended = ended + self._ended
            raise
        if not ours:
            self._ended = ended + self._ended
            return 0, 0
        for one in ended:
            del self._under_way[one.customer]
        for customer, own in taken.items():
            if not _quiet(own):
                self._set_under_way(customer, own)
        self._fresh &= self._under_way.keys()
        self.counts.routed(len(routed), self.runs.calls)
        return len(routed), sum(map(len, taken.values()))

    async def _take(self, ended: Set[UUID], arrived: Sequence[Unrouted]) -> dict[UUID, list[Delivery]]:
        """The oldest events that wait, by customer, and whom each concerns.

        ``ended``: customers of whom nothing is on its way any more; ``arrived``: their events that are about to be
        marked.
        """
        going = {customer: one for customer, one in self._under_way.items() if customer not in ended}
        events = await self._waiting({*self.backoff.customers(), *going})
        # Of a customer who was just merged into another, events may be under way that are the other's by now.
        known = {one.event.customer_event.message_id for own in going.values() for one in own.deliveries}
        held = {event.customer_id for event in events if event.customer_event.message_id in known}
        done = {(event.customer_id, event.customer_event.message_id) for event in arrived}
        events = [
            event
            for event in events
            if event.customer_id not in held and (event.customer_id, event.customer_event.message_id) not in done
        ]
        if not events:
            return {}
        if self.redeem is not None:
            await self.redeem(events)
        # Before anybody is asked whether they are in a segment because of what happened.
        kept, found, begun = await asyncio.gather(
            self._keep_segments(events), self.store.listeners(events), self.store.unstarted_runs(events)
        )
        if not kept:
            self._lose()
            return {}
        listeners: dict[tuple[UUID, str], list[Listener]] = defaultdict(list)
        for listener in found:
            listeners[listener.customer_id, listener.event_name].append(listener)
        unstarted: dict[str, list[UnstartedRun]] = defaultdict(list)
        for run in begun:
            unstarted[run.message_id].append(run)
        taken: dict[UUID, list[Delivery]] = defaultdict(list)
        for event in events:
            listening = listeners.get((event.customer_id, event.customer_event.name), ())
            earlier = unstarted.get(event.customer_event.message_id, ())
            taken[event.customer_id].append(Delivery(event, listening, earlier, self._entries(event, earlier)))
        return taken

    async def _waiting(self, excluded: Set[UUID]) -> list[Unrouted]:
        """What is to be routed now: the oldest; and of a line that is longer than that, some of its end as well."""
        shards = () if self.shards is None else (self.shards.to_take_from(),)
        if shards == ([],):
            return []
        oldest: list[Unrouted] = []
        if len(self._under_way) - len(self._fresh) < MOST_UNDER_WAY:
            oldest = await self.store.unrouted(BATCH, excluded, *shards)
            if len(oldest) < BATCH:
                return oldest
        elif monotonic() - self._looked < BETWEEN_LOOKS:
            return []
        self._looked, room = monotonic(), MOST_FRESH - len(self._fresh & excluded)
        others = excluded | {event.customer_id for event in oldest}
        newest = await self.store.newest_unrouted(room, others, *shards) if room > 0 else []
        self._fresh |= {event.customer_id for event in newest}
        return oldest + newest

    def _entries(self, event: Unrouted, unstarted: Sequence[UnstartedRun]) -> list[Entry]:
        """The entries to decide. ``unstarted``: runs that an earlier attempt admitted and did not start; they start
        with the version that admitted them, though another may be live by now, or none."""
        now = max(self.clock.now(), event.customer_event.occurred_at)
        known = {run.journey_key for run in unstarted}
        triggered = self.routes.triggered(event.customer_event)
        return [Entry(self.live[plan.key], event, now) for plan in triggered if plan.key not in known]

    async def _commit(self, taken: dict[UUID, list[Delivery]], routed: Sequence[Unrouted]) -> bool:
        """Write down what was decided and what was routed, at once. False, and nothing is, where a shard is another's.

        Whoever cannot be decided is set aside, and taken out of ``taken``.
        """
        deciding = {customer: own for customer, own in taken.items() if any(one.entries for one in own)}
        if not deciding:
            if routed:
                await self.store.mark_routed(routed, self.clock.now(), self._fence())
            return True
        try:
            return await self._decide([one for own in deciding.values() for one in own], routed)
        except Exception as error:
            if is_transient(error):
                raise
            await self.store.mark_routed(routed, self.clock.now(), self._fence())
        for customer, own in deciding.items():  # each alone: one must not keep the others from their runs
            try:
                if not await self._decide(own, []):
                    del taken[customer]
            except Exception as error:
                if is_transient(error):
                    raise
                self._set_aside(customer, next(one for one in own if one.entries), error)
                del taken[customer]
        return True

    def _fence(self) -> Fence | None:
        return self.shards.fence() if self.shards is not None else None

    def _lose(self) -> None:
        log.warning("a shard is another router's by now; what was begun for it is dropped")
        if self.shards is not None:
            self.shards.lose()

    async def keep_due(self, *, busy: bool) -> bool:
        """Look at deadlines of segments that have passed; whether more may be due. ``busy``: events wait."""
        if self.segments is None:
            return False
        shards = range(SHARDS) if self.shards is None else self.shards.to_take_from()
        return await self.segments.keep_due(self.clock.now(), shards, busy=busy)

    async def _keep_segments(self, events: Sequence[Unrouted]) -> bool:
        return self.segments is None or await self.segments.keep_by_events(events, self.clock.now(), self._fence())

    async def _decide(self, deliveries: Sequence[Delivery], routed: Sequence[Unrouted]) -> bool:
        entries = [entry for one in deliveries for entry in one.entries]
        decided = await self.store.decide_all(entries, routed, self.clock.now(), self._fence())
        if decided is None:
            self._lose()
            return False
        answers = iter(decided)
        for one in deliveries:
            one.starts = [run for _ in one.entries if (run := next(answers)) is not None]
        return True

    def _set_under_way(self, customer: UUID, deliveries: Sequence[Delivery]) -> None:
        one = self._under_way[customer] = _UnderWay(customer, deliveries)
        one.task = asyncio.create_task(self._deliver(one))

    async def _deliver(self, one: _UnderWay) -> None:
        """A customer's events, up to the first that does not reach everybody."""
        deliverer = self._fresh_deliverer if one.customer in self._fresh else self._deliverer
        try:
            for delivery in one.deliveries:
                if not self.takes_from(one.customer):
                    break
                async with asyncio.timeout(LONGEST):
                    await deliverer.deliver(delivery, self.clock, self.shows_external_ids)
                self.backoff.forget(one.customer)
                self.progress()
                one.arrived.append(delivery.event)
        except Exception as error:  # one event must not keep the others from their runs
            self._set_aside(one.customer, one.deliveries[len(one.arrived)], error)
        finally:
            self._ended.append(one)
            self.wake()

    def _set_aside(self, customer: UUID, delivery: Delivery, error: Exception) -> None:
        passing = will_pass(error)
        pause = self.backoff.put(customer, PASSING_PAUSE if passing else LASTING_PAUSE)
        message_id = delivery.event.customer_event.message_id
        about = {"message_id": message_id, "error": type(error).__name__, "again_in": pause}
        if passing:
            log.warning("event not routed yet", **about)
        else:
            log.error("event cannot be routed", exc_info=error, **about)


def _quiet(deliveries: Sequence[Delivery]) -> bool:
    """Whether nothing of a customer's concerns anybody: then all of it is routed as it stands."""
    return all(one.concerns_nobody for one in deliveries)
