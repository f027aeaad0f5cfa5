"""A small world in which membership is kept: customers, what happens to them, a clock, and all rounds of routing."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import psycopg
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.conditions.customer import Customer
from orchestrator.core.conditions.evaluate import evaluate
from orchestrator.core.conditions.model import Condition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.segments.document import SegmentDocument
from orchestrator.store.conditions.condition_sql import customers, events, to_sql
from orchestrator.store.conditions.leaves.reachable import devices
from orchestrator.store.connection_pool import direct
from orchestrator.store.database import plain_dsn
from orchestrator.store.events.unrouted import mark_routed, read_oldest
from orchestrator.store.intake.merge import lock_identities, merge_customers
from orchestrator.store.segments import documents
from orchestrator.store.segments.build import build_some
from orchestrator.store.segments.members import load_one_view
from orchestrator.store.segments.membership import MembershipStore

NOW = datetime(2026, 3, 8, 6, 30, tzinfo=UTC)
ZONE = "Asia/Seoul"
_MEMBERS = text("""
select s.key, m.customer_id from segments s
join segment_members m on m.segment_key = s.key and m.build = s.live_build and m.member where s.archived_at is null
""")
_CHANGES = text("select segment_key, customer_id, entered, at, cause, event from segment_changes order by id")
_DUE = text("select count(*) from segment_members where until <= :now")


def id_of(number: int) -> UUID:
    return uuid5(UUID(int=0), str(number))


def as_taken_in(value: Any) -> Any:
    """Numbers as intake has them: what is larger than 64 bits is no whole one."""
    match value:
        case bool():
            return value
        case int() if not -(2**63) <= value < 2**63:
            return float(value)
        case Mapping():
            return {name: as_taken_in(one) for name, one in value.items()}
        case list() | tuple():
            return [as_taken_in(one) for one in value]
    return value


@dataclass
class World:
    """``chunk``: customers of one chunk of a build."""

    engine: AsyncEngine
    database_url: str
    now: datetime = NOW
    chunk: int = 2
    _events: int = 0
    store: MembershipStore = field(init=False)

    def __post_init__(self) -> None:
        self.store = MembershipStore(self.engine, ZONE)

    async def add(self, number: int, person: Customer | None = None) -> UUID:
        """A customer who has just become known."""
        row = {"id": id_of(number), "created_at": self.now, "updated_at": self.now}
        async with self.engine.begin() as db:
            await db.execute(insert(customers), [row])
        if person is not None:
            await self.profile(number, person)
        return id_of(number)

    async def profile(self, number: int, person: Customer) -> None:
        """What is known of a customer now is this; with the events that such a change leaves in the log."""
        values = {
            "attributes": as_taken_in(person.attributes),
            "consents": person.consents,
            "consented_at": {name: at.isoformat() for name, at in person.consented_at.items()},
            "stage": person.stage,
            "tags": list(person.tags),
            **person.contact,
        }
        own = devices.c.customer_id == id_of(number)
        told = {"customer_id": id_of(number), "address": "x", "created_at": self.now, "seen_at": self.now}
        async with self.engine.begin() as db:
            await db.execute(update(customers).where(customers.c.id == id_of(number)).values(values))
            await db.execute(delete(devices).where(own))
            for kind in person.devices:
                await db.execute(insert(devices), [{**told, "id": uuid5(id_of(number), kind), "kind": kind}])
        for name in ("Customer Updated", "Consent Changed", "Lifecycle Stage Changed"):
            await self.event(number, name)

    async def event(
        self, number: int, name: str, at: datetime | None = None, properties: Mapping[str, Any] | None = None
    ) -> str:
        """Something happened, and is stored."""
        self._events += 1
        row = {"message_id": f"m{self._events}", "customer_id": id_of(number), "name": name, "received_at": self.now}
        row |= {"properties": as_taken_in(properties or {}), "occurred_at": at or self.now}
        async with self.engine.begin() as db:
            into = select(customers.c.merged_into).where(customers.c.id == id_of(number))
            row["customer_id"] = (await db.execute(into)).scalar_one_or_none() or row["customer_id"]
            await db.execute(insert(events), [row])
        return f"m{self._events}"

    async def merge(self, source: int, target: int) -> None:
        """The one turns out to be the other."""
        connect = psycopg.AsyncConnection.connect(plain_dsn(self.database_url))
        async with await connect as connection:
            await lock_identities(connection)
            await merge_customers(connection, id_of(source), id_of(target), self.now)
            await connection.commit()

    async def define(self, key: str, condition: Condition, *, starts: bool = False) -> None:
        """A segment is created, or gets another condition."""
        document = SegmentDocument.model_construct(name={"en": key}, description={}, condition=condition)
        async with self.engine.begin() as db:
            if not await documents.change_segment(db, key, document, self.now, "test", starts=starts):
                await documents.create_segment(db, key, document, self.now, "test", starts=starts)

    async def route(self) -> list[CustomerEvent]:
        """One round of routing: what waits is offered to segments and marked. Returns it."""
        waiting = await read_oldest(self.engine, 100)
        if waiting:
            fresh = await self.store.newcomers(waiting)
            await self.store.keep_by_events(waiting, fresh, self.now)
            async with direct(self.engine).connection() as db:
                await mark_routed(db, waiting, self.now, None)
        return [one.customer_event for one in waiting]

    async def settle(self, rounds: int = 200, most: int = 3) -> list[CustomerEvent]:
        """Everything that is to be done now is done; the events that were routed. ``most``: deadlines in one go."""
        routed: list[CustomerEvent] = []
        for _ in range(rounds):
            found = await self.route()
            routed += found
            due = await self.store.keep_due(self.now, most=most)
            built = await build_some(self.engine, self.now, ZONE, self.chunk)
            if not found and not due and built is None:
                return routed
        raise AssertionError("it never comes to rest")

    async def members(self) -> dict[str, set[UUID]]:
        """As kept, by segment."""
        found: dict[str, set[UUID]] = {}
        async with self.engine.connect() as db:
            for row in await db.execute(_MEMBERS):
                found.setdefault(row.key, set()).add(row.customer_id)
        return found

    async def by_sql(self, condition: Condition) -> set[UUID]:
        """As the condition's SQL says."""
        query = select(customers.c.id).where(customers.c.merged_into.is_(None), to_sql(condition, self.now))
        async with self.engine.connect() as db:
            return set((await db.execute(query)).scalars())

    async def in_memory(self, condition: Condition) -> set[UUID]:
        """As evaluation says of each."""
        async with self.engine.connect() as db:
            known = list((await db.execute(select(customers.c.id).where(customers.c.merged_into.is_(None)))).scalars())
        found = set()
        for one in known:
            view = await load_one_view(self.engine, one, [condition], self.now, ZONE)
            if evaluate(condition, view, self.now).truth:
                found.add(one)
        return found

    async def changes(self) -> list[Any]:
        """All that came in and left, in order."""
        async with self.engine.connect() as db:
            return list(await db.execute(_CHANGES))

    async def overdue(self) -> int:
        """Deadlines that have passed and nobody has looked at."""
        async with self.engine.connect() as db:
            return int((await db.execute(_DUE, {"now": self.now})).scalar_one())
