"""A store that is slow while runs want to commit, and a worker that dies meanwhile: nobody is told the wrong thing.

While a commit lasts, the server hands out task after task, and a replay sees only the last of them. So these runs would
be shifted by the length of the outage, if any instant of theirs were read from a task.
"""

import asyncio
import contextlib
import os
import signal
import sys
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType
from temporalio.client import (
    Client,
    Interceptor,
    OutboundInterceptor,
    StartWorkflowInput,
    WorkflowHandle,
    WorkflowHistory,
)

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.timing import Clock
from orchestrator.router.counts import RoutingCounts
from orchestrator.router.route_events import Router
from orchestrator.settings import Settings
from orchestrator.store.database import create_engine, session_factory
from orchestrator.store.events.unrouted import Unrouted
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.routing import RoutingStore
from orchestrator.store.workspace import change_settings, ensure_workspace
from tests.waiting import let_pass, until
from tests.workflows import histories
from tests.workflows.live import publish
from tests.workflows.replaying import assert_same_from_every_cut
from workflows.client import Runs
from workflows.connection import connect

TASK = timedelta(seconds=4)
"""Until the server takes a task for lost; at four fifths of it a slow commit asks for the next. Usually ten seconds."""
OUTAGE = 8.0
CUSTOMERS = 20
JOURNEY = {
    "key": "reminded",
    "name": {"en": "Cart", "ko": "장바구니"},
    "entry": {"triggers": [{"kind": "event", "event": "Cart Updated"}]},
    "steps": [
        {"id": "pause", "kind": "delay", "stage": "retention", "settings": {"mode": "duration", "duration": "8s"}},
        {
            "id": "wait",
            "kind": "wait_for_event",
            "stage": "retention",
            "settings": {
                "window": "3h",
                "look_back": "2s",
                "branches": [{"port": "bought", "event": "Order Completed"}],
            },
        },
        {"id": "glad", "kind": "exit", "stage": "retention", "settings": {"reason": "bought"}},
        {"id": "sorry", "kind": "exit", "stage": "retention", "settings": {"reason": "reminded"}},
    ],
    "edges": [
        {"from": "entry", "to": "pause"},
        {"from": "pause", "to": "wait"},
        {"from": "wait", "port": "bought", "to": "glad"},
        {"from": "wait", "port": "timeout", "to": "sorry"},
    ],
}
BOUGHT = timedelta(seconds=6, milliseconds=300)
"""After the entry: in the look-back of the wait that begins after eight seconds, by little."""

_CUSTOMER = """
insert into customers (id, attributes, consents, tags, created_at, updated_at) values (:id, '{}', '{}', '[]', :at, :at)
"""
_EVENT = """
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
values (:id, :customer, 'track', :name, '{}', '{}', :at, :at)
"""


class ShortTasks(Interceptor):
    """Starts workflows whose tasks time out soon, so that an outage of seconds is a long one."""

    def intercept_client(self, next: OutboundInterceptor) -> OutboundInterceptor:
        class Short(OutboundInterceptor):
            async def start_workflow(self, input: StartWorkflowInput) -> WorkflowHandle[Any, Any]:
                input.task_timeout = TASK
                return await super().start_workflow(input)

        return Short(next)


@dataclass
class Shop:
    """A store, a router, and customers; whoever works is somebody else."""

    settings: Settings
    engine: AsyncEngine
    client: Client
    router: Router
    customers: list[uuid.UUID]
    plan: Plan

    async def tell(self, name: str, at: datetime) -> None:
        """An event of every customer, stored and routed."""
        for customer in self.customers:
            event = CustomerEvent(str(uuid.uuid4()), name, at, {})
            async with self.engine.begin() as db:
                await db.execute(text(_EVENT), {"id": event.message_id, "customer": customer, "name": name, "at": at})
            unrouted = Unrouted(customer, event)
            await self.router.route(unrouted, await self.router.store.listeners([unrouted]))

    async def rows(self, query: str) -> list[Any]:
        """What the store says."""
        async with self.engine.connect() as db:
            return [tuple(row) for row in await db.execute(text(query))]

    async def count(self, query: str) -> int:
        """A number that the store says."""
        [[number]] = await self.rows(query)
        return int(number)


@pytest.fixture
async def shop(settings: Settings) -> AsyncIterator[Shop]:
    """Twenty customers, a journey that is live, and nobody at work."""
    settings = settings.model_copy(update={"task_queue": f"test-{uuid.uuid4()}"})
    engine = create_engine(settings.database_url, pool_size=5)
    async with session_factory(engine)() as session:
        await ensure_workspace(session, settings)
        await change_settings(session, {"sending": {}})  # what is looked at is neither the hour nor a cap
        await session.commit()
    plan = compile_journey(JOURNEY).plan
    assert plan is not None
    await publish(engine, [plan])
    plans = Plans(engine)
    client = await connect(settings, plans)
    config = client.config()
    config["interceptors"] = [ShortTasks()]
    runs = Runs(Client(**config), settings.task_queue, {})
    router = Router(RoutingStore(engine), runs, plans, Clock(), RoutingCounts("redis://127.0.0.1:1"))
    await router.refresh()
    customers = [uuid.uuid4() for _ in range(CUSTOMERS)]
    async with engine.begin() as db:
        for customer in customers:
            await db.execute(text(_CUSTOMER), {"id": customer, "at": datetime.now(UTC)})
    yield Shop(settings, engine, client, router, customers, plan)
    await engine.dispose()


@asynccontextmanager
async def at_work(settings: Settings) -> AsyncIterator[asyncio.subprocess.Process]:
    """A worker, as a process; killed in the end, if it still lives."""
    told = {
        "SOJOURN_DATA_DIR": str(settings.data_dir),
        "SOJOURN_DATABASE_URL": settings.database_url,
        "SOJOURN_REDIS_URL": settings.redis_url,
        "SOJOURN_TEMPORAL_ADDRESS": settings.temporal_address,
        "SOJOURN_SECRET_KEY": settings.secret_key.get_secret_value(),
        "SOJOURN_TASK_QUEUE": settings.task_queue,
    }
    worker = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.workflows.worker_process", env={**os.environ, **told}
    )
    try:
        yield worker
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGKILL)
        await worker.wait()


@pytest.mark.timeout(300)
async def test_who_bought_in_the_look_back_is_not_reminded_after_an_outage_and_a_killed_worker(shop: Shop) -> None:
    entered = datetime.now(UTC)
    async with at_work(shop.settings) as worker:
        async with shop.engine.connect() as db:
            await db.execute(text("lock table transitions in exclusive mode"))
            await shop.tell("Cart Updated", entered)
            blocked = (
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%with me as%'"
            )
            await until(lambda: shop.count(blocked), "a run wants to commit", pause=0.1)
            await let_pass(OUTAGE, "the outage outlasts several tasks")
        entries = "select count(*) from transitions where what = 'entered' and step = 'pause'"
        await until(lambda: _is(shop, entries, CUSTOMERS), "everybody is in the delay")
        await shop.tell("Order Completed", entered + BOUGHT)
        worker.kill()
    async with at_work(shop.settings):
        over = "select count(*) from runs where finished_at is not null"
        await until(lambda: _is(shop, over, CUSTOMERS), "everybody is through")
        assert Counter(await shop.rows("select reason from runs")) == {("bought",): CUSTOMERS}
    [[workflow_id]] = await shop.rows("select workflow_id from runs limit 1")
    history = await shop.client.get_workflow_handle(workflow_id).fetch_history()
    assert _heartbeats(history) > 1, "the commit was to outlast its task"
    if histories.recording("reminded"):
        histories.keep(history, shop.plan)
    await assert_same_from_every_cut(history, shop.client.data_converter)


async def _is(shop: Shop, query: str, number: int) -> bool:
    return await shop.count(query) == number


def _heartbeats(history: WorkflowHistory) -> int:
    """Tasks by which the worker asked for nothing but more time."""
    kinds = [event.event_type for event in history.events]
    completed, scheduled = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED
    return sum(pair == (completed, scheduled) for pair in pairwise(kinds))
