"""What segments cost: ``python -m bench.segments --customers 100000 --events 20``.

On a PostgreSQL of its own, in this process:

1. *First build*, of each of some ready segments, over all customers.
2. *Counting while somebody writes* the same conditions.
3. *An event to its entered*: from the instant at which it is stored to that of the commit with its change,
   a batch of events at a time.
4. *A wave of deadlines* at one instant: how fast they are taken, and what a batch of events takes meanwhile.
"""

import argparse
import asyncio
import time
import uuid
from datetime import UTC, datetime, timedelta
from random import Random

import psycopg
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.figures import calibrate, median, show_machine, show_table
from bench.servers import servers
from orchestrator.core.conditions.leaves.history import History
from orchestrator.core.segments.document import SegmentDocument
from orchestrator.core.segments.ready import READY
from orchestrator.router.keep_segments import SegmentKeeper
from orchestrator.store.connection_pool import direct
from orchestrator.store.customers.audience import count_matching
from orchestrator.store.database import create_engine, plain_dsn
from orchestrator.store.events.unrouted import mark_routed, read_oldest
from orchestrator.store.segments.build import build_some
from orchestrator.store.segments.documents import create_segment

BUILT = ("signed-up-not-bought", "bought-once-and-silent", "active", "vip", "at-risk")
_CUSTOMERS = """
insert into customers (id, external_id, created_at, updated_at)
select gen_random_uuid(), 'c' || n, now(), now() from generate_series(1, %s) as n
"""
_EVENTS = """
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at, routed_at)
select gen_random_uuid()::text, c.id, 'track',
    case when n = 1 then 'Signed Up' when n %% 5 = 0 then 'Order Completed' else 'Product Viewed' end,
    '{"revenue": 129000, "currency": "KRW"}', '{}', at, at, at
from customers c cross join generate_series(1, %s) as n
cross join lateral (select now() - interval '1 minute' * (abs(hashtextextended(c.id::text, n)) %% 576000) as at) as t
"""
_NEW = """
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
select gen_random_uuid()::text, id, 'track', 'Order Completed', '{"revenue": 129000}', '{}', %s, %s
from unnest(%s::uuid[]) as id
"""


def fill(dsn: str, customers: int, events: int) -> list[uuid.UUID]:
    """So many customers, each with so many events over thirteen months: one in five an order."""
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute(_CUSTOMERS.encode(), (customers,))
        db.execute(_EVENTS.encode(), (events,))
        db.execute("analyze")
        return [row[0] for row in db.execute("select id from customers order by random() limit 20000").fetchall()]


async def build(engine: AsyncEngine, key: str, document: SegmentDocument, now: datetime) -> float:
    """Seconds that a first build takes."""
    async with engine.begin() as db:
        await create_segment(db, key, document, now, "bench")
    began = time.perf_counter()
    while await build_some(engine, now):
        pass
    return time.perf_counter() - began


async def one_batch(
    engine: AsyncEngine, keeper: SegmentKeeper, dsn: str, people: list[uuid.UUID], now: datetime
) -> float:
    """Milliseconds from an event's being stored to its being kept and marked, of a batch."""
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute(_NEW.encode(), (now, now, people))
    began = time.perf_counter()
    waiting = await read_oldest(engine, 500)
    await keeper.keep_by_events(waiting, now, None)
    took = time.perf_counter() - began
    async with direct(engine).connection() as db:
        await mark_routed(db, waiting, now, None)
    return took * 1_000


async def measure(engine: AsyncEngine, dsn: str, people: list[uuid.UUID], size: int, wave: int) -> None:
    """All of it."""
    now, keeper, random = datetime.now(UTC), SegmentKeeper(engine), Random(1)
    builds = []
    for key in BUILT:
        took = await build(engine, key, READY[key], now)
        began = time.perf_counter()
        count = await count_matching(engine, READY[key].condition, now, 60.0)
        builds.append((key, f"{count:,}", f"{took:.1f}", f"{time.perf_counter() - began:.2f}"))
    show_table(("segment", "members", "build s", "count s"), builds)
    taken = sorted([await one_batch(engine, keeper, dsn, random.sample(people, size), now) for _ in range(100)])
    show_table(
        (f"{size} events at a time: p50 ms", "p99 ms"),
        [(f"{median(taken):.1f}", f"{taken[98]:.1f}")],
    )
    lately = History(event="Order Completed", within=timedelta(days=30))
    await build(engine, "lately", SegmentDocument(name={"en": "Lately"}, condition=lately), now)
    with psycopg.connect(dsn, autocommit=True) as db:
        due = "update segment_members set until = %s where (customer_id, segment_key) in (select customer_id, "
        due += "segment_key from segment_members where segment_key = 'lately' limit %s)"
        waves = db.execute(due.encode(), (now - timedelta(seconds=1), wave)).rowcount
    during, began, sweeps = [], time.perf_counter(), 0
    while await keeper.keep_due(now, busy=True):
        sweeps += 1
        if sweeps % 4 == 0:
            during.append(await one_batch(engine, keeper, dsn, random.sample(people, size), now))
    during.sort()
    rows = [(f"{waves:,}", f"{time.perf_counter() - began:.1f}", f"{median(during):.1f}", f"{during[-1]:.1f}")]
    show_table(("deadlines", "s", "events p50 ms", "most ms"), rows)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--events", type=int, default=20, help="of each customer")
    parser.add_argument("--batch", type=int, default=10)
    parser.add_argument("--wave", type=int, default=20_000)
    given = parser.parse_args()
    show_machine()
    calibrate()
    with servers(durable=True, temporal_in_memory=True) as run:
        dsn = plain_dsn(run.postgres.url)
        people = fill(dsn, given.customers, given.events)

        async def all_of_it() -> None:
            engine = create_engine(run.postgres.url)
            try:
                await measure(engine, dsn, people, given.batch, given.wave)
            finally:
                await engine.dispose()

        asyncio.run(all_of_it())


if __name__ == "__main__":
    main()
