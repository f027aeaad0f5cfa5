"""Shards: shared out evenly, handed over, taken from whoever is gone; nothing is committed under an old token."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.connection_pool import direct
from orchestrator.store.database import create_engine
from orchestrator.store.events.shards import (
    LEASE_PREFIX,
    SHARDS,
    Fence,
    fair_share,
    release,
    shard_of,
    share_out,
    standing,
)
from orchestrator.store.heartbeats import Heartbeat
from orchestrator.store.runs.routing import PATIENCE, RoutingStore
from tests.waiting import until

NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)
_EVENT = text("""
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
values (:id, :customer, 'track', 'Viewed', '{}', '{}', :at, :at)
""")


@pytest.fixture
async def engine(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


class Peer:
    """A router, as far as its shards are concerned."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine, self.heartbeat = engine, Heartbeat(engine, "router")
        self.id, self.held, self.fair = self.heartbeat.id, dict[int, int](), 0

    async def look(self) -> "Peer":
        """Renew the lease, take what is free, give back what is too much."""
        assert await self.heartbeat.take(LEASE_PREFIX + str(self.id))
        shares = await share_out(self.engine, self.id)
        self.held, self.fair = dict(shares.held), shares.fair
        surplus = sorted(self.held)[self.fair :]
        if surplus:
            await release(self.engine, self.id, surplus)
            self.held = {shard: self.held[shard] for shard in self.held if shard not in surplus}
        return self

    def fence(self) -> Fence:
        return Fence(self.id, self.held)


async def freeze(engine: AsyncEngine, peer: Peer) -> None:
    """Its lease has run out, and it does not know."""
    async with engine.begin() as db:
        given = {"holder": peer.id}
        await db.execute(text("update leases set until = now() - interval '1 second' where holder = :holder"), given)


async def store_events(engine: AsyncEngine, customers: list[UUID]) -> None:
    async with engine.begin() as db:
        for number, customer in enumerate(customers):
            await db.execute(_EVENT, {"id": f"m{number}", "customer": customer, "at": NOW})


@given(st.integers(1, 100))
def test_fair_shares_are_all_of_it_and_differ_by_one_at_most(count: int) -> None:
    routers = sorted(uuid4() for _ in range(count))
    shares = [fair_share(router, routers) for router in routers]
    assert sum(shares) == SHARDS
    assert max(shares) - min(shares) <= 1
    assert fair_share(uuid4(), routers) == 0


async def test_one_has_all_and_gives_the_next_its_share(engine: AsyncEngine) -> None:
    first, second, third = (Peer(engine) for _ in range(3))
    assert len((await first.look()).held) == SHARDS
    assert (await second.look()).held == {}, "nothing is taken from one who lives"
    await first.look()
    await second.look()
    assert (len(first.held), len(second.held)) == (32, 32)
    assert not first.held.keys() & second.held.keys()
    for _ in range(2):
        for peer in (third, first, second):
            await peer.look()
    assert sorted(len(peer.held) for peer in (first, second, third)) == [21, 21, 22]
    assert len(first.held | second.held | third.held) == SHARDS


async def test_of_one_who_is_gone_everything_is_taken_and_what_it_commits_late_is_refused(engine: AsyncEngine) -> None:
    frozen, other = Peer(engine), Peer(engine)
    await frozen.look()
    customers = [UUID(int=number) for number in range(4)]
    await store_events(engine, customers)
    routing = RoutingStore(engine)
    in_its_hands = await routing.unrouted(10, (), list(frozen.held))
    assert len(in_its_hands) == 4
    await freeze(engine, frozen)
    assert len((await other.look()).held) == SHARDS
    await routing.mark_routed(in_its_hands, NOW, frozen.fence())
    assert await routing.decide_all([], in_its_hands, NOW, frozen.fence()) == []
    assert len(await routing.unrouted(10)) == 4, "it had not the right to say so"
    await routing.mark_routed(in_its_hands, NOW, other.fence())
    assert await routing.unrouted(10) == []


async def test_one_who_is_frozen_in_the_middle_of_a_transaction_keeps_no_shard(engine: AsyncEngine) -> None:
    frozen, other = Peer(engine), Peer(engine)
    await frozen.look()

    async def all_taken() -> bool:
        return len((await other.look()).held) == SHARDS

    async def begins_and_freezes() -> None:
        async with direct(engine).connection() as db, db.pipeline(), db.transaction():
            await db.execute(PATIENCE)
            held = await standing(db, frozen.fence())
            assert len(await held.fetchall()) == SHARDS
            await freeze(engine, frozen)
            await until(all_taken, "the server cuts it off, and the other has all", 30)

    with pytest.raises(psycopg.OperationalError):
        await begins_and_freezes()


async def test_a_shard_that_was_lost_and_won_again_has_another_token(engine: AsyncEngine) -> None:
    first, second = Peer(engine), Peer(engine)
    await store_events(engine, [UUID(int=3)])
    early = (await first.look()).fence()
    await freeze(engine, first)
    await second.look()
    await freeze(engine, second)
    late = (await first.look()).fence()
    assert {late.tokens[shard] - early.tokens[shard] for shard in range(SHARDS)} == {2}
    routing = RoutingStore(engine)
    [event] = await routing.unrouted(10)
    await routing.mark_routed([event], NOW, early)
    assert len(await routing.unrouted(10)) == 1
    await routing.mark_routed([event], NOW, late)
    assert await routing.unrouted(10) == []


async def test_only_events_of_the_shards_asked_for_are_found_each_customers_in_order(engine: AsyncEngine) -> None:
    customers = [uuid4() for _ in range(40)]
    await store_events(engine, customers * 3)
    routing = RoutingStore(engine)
    for shard in range(SHARDS):
        found = await routing.unrouted(500, (), [shard])
        own = [number for number, one in enumerate(customers * 3) if shard_of(one) == shard]
        assert [event.customer_event.message_id for event in found] == [f"m{number}" for number in own]
    assert len(await routing.unrouted(500)) == 120
    assert len(await routing.unrouted(500, customers[:30])) == 30


async def test_of_what_came_last_nothing_overtakes_its_own_customer(engine: AsyncEngine) -> None:
    early, late = [uuid4() for _ in range(200)], [uuid4() for _ in range(5)]
    await store_events(engine, [*early, *early[:3], *late])
    routing = RoutingStore(engine)
    found = [int(event.customer_event.message_id[1:]) for event in await routing.newest_unrouted(8)]
    assert found == [207, 206, 205, 204, 203, 199, 198, 197]
    without = await routing.newest_unrouted(2, late)
    assert [event.customer_event.message_id for event in without] == ["m199", "m198"]
    [newest, *_] = await routing.newest_unrouted(8, (), [shard_of(late[-1])])
    assert newest.customer_id == late[-1]


async def test_nothing_is_free_while_a_router_of_an_earlier_build_routes_everything(engine: AsyncEngine) -> None:
    earlier, now = Heartbeat(engine, "router"), Peer(engine)
    assert await earlier.take("routing")
    assert (await now.look()).held == {}
    await earlier.give_back("routing")
    assert len((await now.look()).held) == SHARDS
