"""Runs on a real Temporal server whose time can be skipped, driven along the same line of time as the simulator.

Each run has a clock of its own that starts at its entry. Before anything happens to a customer at an instant, the
customer's runs are brought there; then it is stored and routed by the router's own code.
"""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.plan import Plan
from orchestrator.core.run.routing import Routes
from orchestrator.core.simulation.simulator import Person
from orchestrator.core.timing import Clock
from orchestrator.router.counts import RoutingCounts
from orchestrator.router.route_events import Router
from orchestrator.store.events.unrouted import Unrouted
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.routing import RoutingStore
from tests.waiting import until
from workflows.client import Runs

SLACK = timedelta(seconds=20)
"""How far past an instant runs are brought, for their deadlines lag by the time that their own work takes."""

_CUSTOMER = text("""
insert into customers (id, external_id, email, time_zone, attributes, consents, tags, created_at, updated_at)
values (:id, :external_id, :email, :zone, cast(:attributes as jsonb), cast(:consents as jsonb), '[]', :at, :at)
""")
_EVENT = text("""
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
values (:id, :customer, 'track', :name, cast(:properties as jsonb), '{}', :at, :at) on conflict do nothing
""")
_UNROUTED = text("""
select message_id, name, properties, occurred_at from events
where customer_id = :customer and routed_at is null and occurred_at <= :at order by occurred_at, seq
""")
_ROUTED = text("update events set routed_at = now() where message_id = :id")
_LIVE = text("select workflow_id, id from runs where customer_id = :customer and finished_at is null")
_TRACE = text("""
select r.journey_key, r.key, t.what, t.step, t.occurrence, t.port from transitions t join runs r on r.id = t.run_id
where r.customer_id = :customer order by r.journey_key, r.key, r.entered_at, t.seq
""")


def skipping(client: Client) -> TimeSkipper:
    """A client whose workflows stand in real time until they are told to skip."""
    return TimeSkipper(client, config=TimeSkippingConfig(enabled=False))


async def publish(engine: AsyncEngine, plans: Iterable[Plan]) -> None:
    """Make plans live, as version 1."""
    store = Plans(engine)
    for plan in plans:
        await store.save(plan.hash, plan.body)
        async with engine.begin() as db:
            given = {"key": plan.key, "hash": plan.hash}
            journey = "insert into journeys (key, status, live_version, created_at, updated_at)"
            await db.execute(text(f"{journey} values (:key, 'live', 1, now(), now())"), given)
            version = "insert into journey_versions (journey_key, version, plan_hash, published_at)"
            await db.execute(text(f"{version} values (:key, 1, :hash, now())"), given)


async def stock(engine: AsyncEngine, pool: str, codes: int = 1_000) -> None:
    """A coupon pool with codes, which the runs of several customers may take from."""
    document = {"name": "Test", "worth": "10%"}
    async with engine.begin() as db:
        given = {"key": pool, "document": orjson.dumps(document).decode(), "codes": codes}
        made = "insert into coupon_pools (key, document, created_at, updated_at)"
        await db.execute(
            text(f"{made} values (:key, cast(:document as jsonb), now(), now()) on conflict do nothing"), given
        )
        code = "insert into coupon_codes (pool_key, code) select cast(:key as text), cast(:key as text) || '-' || n"
        await db.execute(text(f"{code} from generate_series(1, :codes) as n on conflict do nothing"), given)


@dataclass
class LiveCustomer:
    """One customer's life on the server."""

    engine: AsyncEngine
    skipper: TimeSkipper
    task_queue: str
    id: UUID
    plans: Sequence[Plan]
    """The only ones that let this customer in, whatever else is live."""
    person: Person
    """Who the customer is before the first event."""
    router: Router = field(init=False)

    async def live(self, events: Sequence[CustomerEvent], instants: Iterable[datetime]) -> None:
        """Go through events, looking at the runs at these instants too, in the order of time."""
        await self._begin(min(one.occurred_at for one in events))
        agenda: dict[datetime, list[CustomerEvent]] = {instant: [] for instant in instants}
        for customer_event in events:
            agenda.setdefault(customer_event.occurred_at, []).append(customer_event)
        for instant in sorted(agenda):
            if agenda[instant]:
                await self._bring_to(instant)
                for customer_event in agenda[instant]:
                    await self._store(customer_event)
                    await self._route(instant)
            else:
                await self._bring_to(instant + SLACK)
                await self._route(instant + SLACK)

    async def trace(self) -> list[tuple[Any, ...]]:
        """Every transition: journey, key, what, step, occurrence, port."""
        async with self.engine.connect() as db:
            return [tuple(row) for row in await db.execute(_TRACE, {"customer": self.id})]

    async def _begin(self, at: datetime) -> None:
        runs = Runs(self.skipper.client, self.task_queue, {}, shows_step=True)
        store, plans = RoutingStore(self.engine), Plans(self.engine)
        self.router = Router(store, runs, plans, Clock(), RoutingCounts("redis://127.0.0.1:1"))
        await self.router.refresh()
        self.router.routes = Routes(tuple(self.plans))
        given = {"attributes": self.person.attributes, "consents": self.person.consents}
        encoded = {name: orjson.dumps(value).decode() for name, value in given.items()}
        person = {"id": self.id, "external_id": str(self.id), "email": self.person.contacts.get("email"), "at": at}
        person["zone"] = self.person.zone
        async with self.engine.begin() as db:
            await db.execute(_CUSTOMER, {**person, **encoded})

    async def _store(self, customer_event: CustomerEvent) -> None:
        properties = orjson.dumps(customer_event.properties).decode()
        given = {"id": customer_event.message_id, "customer": self.id, "name": customer_event.name}
        async with self.engine.begin() as db:
            await db.execute(_EVENT, {**given, "properties": properties, "at": customer_event.occurred_at})

    async def _route(self, instant: datetime) -> None:
        """Route what is stored, and what that leads to, until the runs are at rest and nothing is left."""
        while True:
            async with self.engine.connect() as db:
                rows = (await db.execute(_UNROUTED, {"customer": self.id, "at": instant + SLACK})).all()
            if not rows:
                return
            for row in rows:
                event = Unrouted(self.id, CustomerEvent(row.message_id, row.name, row.occurred_at, row.properties))
                self.router.clock = Clock(86_400.0, datetime.now(UTC), max(row.occurred_at, instant))
                await self.router.route(event, await self.router.store.listeners([event]))
                async with self.engine.begin() as db:
                    await db.execute(_ROUTED, {"id": row.message_id})
            await self._settled()

    async def _handles(self) -> list[Any]:
        async with self.engine.connect() as db:
            rows = (await db.execute(_LIVE, {"customer": self.id})).all()
        return [self.skipper.client.get_workflow_handle(row.workflow_id) for row in rows]

    async def _settled(self) -> None:
        """Wait until no run of the customer has anything to do but wait."""
        for handle in await self._handles():
            await until(partial(_rests, handle), "the run only waits", pause=0.005)

    async def _bring_to(self, instant: datetime) -> None:
        await self._settled()
        await asyncio.gather(*(self._bring(handle, instant) for handle in await self._handles()))
        await self._settled()

    async def _bring(self, handle: Any, instant: datetime) -> None:
        ahead = instant - await self._journey_time(handle)
        if ahead > timedelta(0):
            await self.skipper.fast_forward(handle, ahead)

    async def _journey_time(self, handle: Any) -> datetime:
        """The run's own now: its clock is in its input, its virtual time on the server."""
        now = await self.skipper.get_current_time(handle)
        clock = await self._clock(handle)
        return clock.at(now)

    async def _clock(self, handle: Any) -> Clock:
        history = handle.fetch_history_events(page_size=1)
        first = await anext(aiter(history))
        data = first.workflow_execution_started_event_attributes.input.payloads[1].data
        given = orjson.loads(data)["clock"]
        return Clock(86_400.0, datetime.fromisoformat(given["real"]), datetime.fromisoformat(given["journey"]))


async def _rests(handle: Any) -> bool:
    """Whether a run has nothing to do but wait."""
    description = (await handle.describe()).raw_description
    return not (description.HasField("pending_workflow_task") or description.pending_activities)
