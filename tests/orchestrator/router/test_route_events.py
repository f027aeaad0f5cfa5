"""The router when something goes wrong: whoever cannot be served rests, and keeps nobody else waiting."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from temporalio.service import RPCError, RPCStatusCode

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import compile_journey
from orchestrator.core.timing import REAL_TIME
from orchestrator.router import customer_backoff
from orchestrator.router import route_events as router_process
from orchestrator.router.counts import RoutingCounts
from orchestrator.router.customer_backoff import CustomerBackoff
from orchestrator.router.route_events import Router, will_pass
from orchestrator.store.database import create_engine
from orchestrator.store.events.unrouted import Unrouted
from orchestrator.store.runs.routing import Listener, RoutingStore, UnstartedRun
from tests.live.crowd import JOURNEY
from tests.workflows.live import publish
from workflows.client import StillClosing

NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)
SICK, WELL = uuid4(), uuid4()


def refused(status: RPCStatusCode) -> RPCError:
    return RPCError("", status, b"")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that pass when a test says so."""
    seconds = [100.0]
    for module in (router_process, customer_backoff):
        monkeypatch.setattr(module, "monotonic", lambda: seconds[0])
    return seconds


@dataclass
class Store:
    """Events in memory."""

    events: list[Unrouted]
    routed: list[str] = field(default_factory=list)
    left_behind: list[UnstartedRun] = field(default_factory=list)

    async def unrouted(self, limit: int, backoff: Collection[UUID]) -> list[Unrouted]:
        waiting = [event for event in self.events if event.customer_event.message_id not in self.routed]
        return [event for event in waiting if event.customer_id not in backoff][:limit]

    async def newest_unrouted(self, limit: int, backoff: Collection[UUID]) -> list[Unrouted]:
        first: dict[UUID, Unrouted] = {}
        for event in await self.unrouted(len(self.events), backoff):
            first.setdefault(event.customer_id, event)
        return [*first.values()][::-1][:limit]

    async def listeners(self, events: Sequence[Unrouted]) -> list[Listener]:
        return [Listener(one.customer_id, "Bought", str(one.customer_id), uuid4(), "hash") for one in events]

    async def unstarted_runs(self, events: Sequence[Unrouted]) -> list[UnstartedRun]:
        return [
            one for one in self.left_behind if one.message_id in {event.customer_event.message_id for event in events}
        ]

    async def mark_routed(self, events: Sequence[Unrouted], now: datetime, fence: Any = None) -> None:
        self.routed += [event.customer_event.message_id for event in events]


class Plans:
    async def get(self, digest: str) -> str:
        return f"plan {digest}"


class Signals:
    """Runs that take signals, except those of one customer."""

    def __init__(self, problem: Exception | None) -> None:
        self.problem = problem
        self.calls: dict[str, int] = {}
        self.started: list[tuple[Any, ...]] = []

    async def start(self, workflow_id: str, plan: Any, version: int, *_: Any, **__: Any) -> bool:
        self.started.append((workflow_id, plan, version))
        return True

    async def signal(self, workflow_id: str, customer_event: CustomerEvent, plan: Any = None) -> bool:
        if workflow_id == str(SICK) and self.problem is not None:
            raise self.problem
        return True


def router(store: Any, runs: Any) -> Router:
    plans: Any = Plans()
    return Router(store, runs, plans, REAL_TIME, RoutingCounts("redis://127.0.0.1:1"))


def bought(customer: UUID, message_id: str) -> Unrouted:
    return Unrouted(customer, CustomerEvent(message_id, "Bought", NOW, {}))


@pytest.mark.parametrize("problem", [KeyError("broken"), refused(RPCStatusCode.UNAVAILABLE)])
async def test_who_cannot_be_served_keeps_nobody_waiting(
    clock: list[float], monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    """Not even where their events fill whole batches."""
    monkeypatch.setattr(router_process, "BATCH", 2)
    store = Store([*(bought(SICK, f"s{n}") for n in range(5)), bought(WELL, "w1")])
    routing = router(store, Signals(problem))
    assert await routing.route_batch() == 1
    assert store.routed == ["w1"]
    assert await routing.route_batch() == 0


async def test_the_events_of_one_customer_keep_their_order_and_come_through_in_the_end(clock: list[float]) -> None:
    store = Store([bought(SICK, f"s{n}") for n in range(3)])
    runs = Signals(refused(RPCStatusCode.UNAVAILABLE))
    routing = router(store, runs)
    for _ in range(6):
        assert await routing.route_batch() == 0
        clock[0] += routing.backoff.wait()
    runs.problem = None
    assert await routing.route_batch() == 3
    assert store.routed == ["s0", "s1", "s2"]
    assert routing.backoff.customers() == []


class ToldInTurn(Signals):
    """Keeps the order in which runs were told; each call lets others go on meanwhile."""

    def __init__(self) -> None:
        super().__init__(None)
        self.told: list[str] = []

    async def signal(self, workflow_id: str, customer_event: CustomerEvent, plan: Any = None) -> bool:
        await asyncio.sleep(0)
        self.told.append(customer_event.message_id)
        return True


async def test_who_comes_last_is_not_kept_waiting_by_an_audience_that_came_before(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(router_process, "BATCH", 40)
    monkeypatch.setattr(router_process, "MOST_UNDER_WAY", 80)
    audience = [bought(uuid4(), f"early{n}") for n in range(1_000)]
    store, runs, customer = Store([*audience]), ToldInTurn(), uuid4()
    routing = router(store, runs)
    await routing.go_on()
    [*_, last] = audience
    store.events += [bought(customer, "late0"), bought(customer, "late1"), bought(last.customer_id, "after early999")]
    while len(store.routed) < len(store.events):
        await routing.go_on()
        clock[0] += 1
        await asyncio.sleep(0)
    assert runs.told.index("late0") < runs.told.index("late1") < 300
    assert runs.told.index("early999") < runs.told.index("after early999")
    assert runs.told.index("early500") > 300, "and the audience goes on in its order"
    assert sorted(runs.told) == sorted(store.routed) == sorted({*store.routed})


async def test_what_a_dead_router_let_in_starts_with_its_own_version_though_the_journey_was_stopped() -> None:
    unstarted_runs = UnstartedRun(uuid4(), "m1", "cart/1", "cart", 3, "h3", WELL, "Asia/Seoul", None)
    store, runs = Store([bought(WELL, "m1")], left_behind=[unstarted_runs]), Signals(None)
    assert await router(store, runs).route_batch() == 1
    assert runs.started == [("cart/1", "plan h3", 3)]


async def test_a_run_whose_plan_cannot_be_read_is_told_everything_and_keeps_nobody_waiting() -> None:
    """As where a newer build published it, and this one has not been replaced yet."""
    routing = router(Store([bought(SICK, "s1"), bought(WELL, "w1")]), Signals(None))
    routing.plans.get = unreadable  # type: ignore[method-assign]
    assert await routing.route_batch() == 2


async def unreadable(digest: str) -> Any:
    raise ValueError("steps.3.kind: 'teleport' is no step of this build")


async def test_a_live_plan_that_cannot_be_read_keeps_no_other_journey_from_its_customers(database_url: str) -> None:
    engine = create_engine(database_url)
    plan = compile_journey(JOURNEY).plan
    assert plan is not None
    await publish(engine, [plan])
    newer = plan.body.replace(b'"kind":"delay"', b'"kind":"teleport"').replace(plan.key.encode(), b"another")
    assert newer.count(b"teleport") == 1
    bodies = {"another": newer, "broken": b"{", "nothing": b"", "list": b"[1]", "deep": b"[" * 9999}
    for key, body in bodies.items():
        await publish(engine, [SimpleNamespace(key=key, hash=key, body=body)])  # type: ignore[list-item]
    live, unreadable = await RoutingStore(engine).live_plans()
    await engine.dispose()
    assert [one.plan.key for one in live] == [plan.key]
    assert [one.key for one in unreadable] == sorted(bodies)


async def test_the_store_knows_what_was_let_in_and_has_not_started(database_url: str) -> None:
    engine = create_engine(database_url)
    insert = text(
        "insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, key, entry_message_id, "
        "status, entered_at) values (:id, :message_id, 'cart', 3, 'h3', :customer, '', :message_id, :status, now())"
    )
    async with engine.begin() as db:
        for message_id, status in (("m1", "starting"), ("m2", "running"), ("m3", "starting")):
            row = {"id": uuid4(), "customer": WELL, "message_id": message_id, "status": status}
            await db.execute(insert, row)
    found = await RoutingStore(engine).unstarted_runs([bought(WELL, "m1"), bought(WELL, "m2")])
    assert [(one.message_id, one.version, one.plan_hash, one.zone) for one in found] == [("m1", 3, "h3", "Asia/Seoul")]
    await engine.dispose()


def test_rests_grow_to_what_the_fault_deserves(clock: list[float]) -> None:
    backoff = CustomerBackoff()
    assert [backoff.put(SICK, 2.0) for _ in range(5)] == [0.5, 1, 2, 2, 2]
    assert backoff.customers() == [SICK]
    assert backoff.wait() == 1.0  # nobody's rest is a reason not to look for others
    clock[0] += 1.5
    assert backoff.wait() == 0.5
    clock[0] += 0.5
    assert backoff.customers() == []
    assert backoff.put(SICK, 60.0) == 16
    backoff.forget(SICK)
    assert backoff.put(SICK, 60.0) == 0.5


@pytest.mark.parametrize(
    "error",
    [
        refused(RPCStatusCode.UNAVAILABLE),
        refused(RPCStatusCode.DEADLINE_EXCEEDED),
        refused(RPCStatusCode.RESOURCE_EXHAUSTED),
        StillClosing("run"),
        ConnectionRefusedError(),
        OperationalError("select 1", {}, Exception()),
    ],
)
def test_what_passes(error: Exception) -> None:
    assert will_pass(error)


@pytest.mark.parametrize("error", [refused(RPCStatusCode.INVALID_ARGUMENT), KeyError("x"), ValueError("x")])
def test_what_lasts(error: Exception) -> None:
    assert not will_pass(error)
