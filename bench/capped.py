"""One cap over many journeys and workers: ``python -m bench.capped``; with ``--lose-redis``, Valkey dies in the middle.

Every customer stands in every journey at once, each with an advertisement to be sent, and may get two a day. Three
worker processes deliver all of them against a real PostgreSQL and a real Valkey; Temporal is left out, its repetitions
are not. In the end nobody has had a third, and every message is sent or says why not.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bench.deliveries import fill
from bench.figures import show_machine, show_table
from bench.servers import ROOT, servers
from orchestrator.stack import Valkey
from orchestrator.store.database import plain_dsn

CAP = {"most": 2, "per": "day"}
MESSAGE = {
    "channel": "sms",
    "class": "advertising",
    "content": {"ko": {"body": "{{ customer.first_name }}님, {{ entry.total|won }}"}},
}
AT_ONCE = 30
"""Deliveries at once in each worker."""


@dataclass(frozen=True)
class Found:
    """What the store says in the end."""

    most: int
    """Messages of the customer who got most."""
    sent: int
    in_outbox: int
    ended: Mapping[str, int]
    """Rows of the ledger by status and reason."""
    seconds: float


def run_workers(environment: Mapping[str, str], database_url: str, workers: int, valkey: Valkey | None) -> float:
    """Deliver everything; ``valkey`` is killed when a third is decided, and comes back empty. Seconds that it took."""
    command = [sys.executable, "-m", "bench.deliveries"]
    began = time.perf_counter()
    with ExitStack() as stack:
        running = [
            stack.enter_context(
                subprocess.Popen(
                    [*command, str(number), str(workers), str(AT_ONCE), "0"], cwd=ROOT, env=dict(environment)
                )
            )
            for number in range(workers)
        ]
        try:
            if valkey is not None:
                lose(valkey, database_url)
            codes = [worker.wait() for worker in running]
        except BaseException:
            for worker in running:
                worker.kill()
            raise
    if any(codes):
        raise RuntimeError(f"a worker failed: {codes}")
    return time.perf_counter() - began


def lose(valkey: Valkey, database_url: str) -> None:
    """Kill it once a third of all messages is decided, and start it again a second later, with nothing in it."""
    with psycopg.connect(plain_dsn(database_url), autocommit=True) as db:
        third = "select (select count(*) from sends) * 3 >= (select count(*) from runs)"
        while db.execute(third).fetchone() != (True,):
            time.sleep(0.05)
    valkey.process.kill()
    time.sleep(1)
    valkey.start()
    valkey.wait()


def look(database_url: str, seconds: float) -> Found:
    """Count."""
    with psycopg.connect(plain_dsn(database_url), autocommit=True) as db:
        rows = db.execute("select status, reason, count(*) from sends group by 1, 2").fetchall()
        ended = Counter({f"{status} {reason}".strip(): number for status, reason, number in rows})
        gone = "select customer_id, count(*) as had from sends where status in ('sent', 'unknown') group by 1"
        [(most, sent)] = db.execute(f"select max(had), sum(had) from ({gone}) gone").fetchall()
        [(posted, in_outbox)] = db.execute(
            "select max(had), sum(had) from (select count(*) as had from outbox group by customer_id) posted"
        ).fetchall()
    return Found(max(int(most), int(posted)), int(sent), int(in_outbox), dict(ended), seconds)


def measure(
    environment: Mapping[str, str], database_url: str, given: argparse.Namespace, valkey: Valkey | None
) -> Found:
    """Fill, deliver, count."""
    given_settings = {"journeys": given.journeys, "customers": given.customers}
    asyncio.run(fill(database_url, **given_settings, message=MESSAGE, sending={"caps": [CAP]}))
    return look(database_url, run_workers(environment, database_url, given.workers, valkey))


def main() -> None:
    """Take the figures and print them."""
    parser = argparse.ArgumentParser(prog="python -m bench.capped", description="One cap over many workers.")
    parser.add_argument("--journeys", type=int, default=50)
    parser.add_argument("--customers", type=int, default=1000)
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--lose-redis", action="store_true", help="Valkey dies in the middle and comes back empty")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    given = parser.parse_args()
    show_machine("psycopg", "redis", "sqlalchemy")
    with servers(durable=False, temporal_in_memory=True) as run:
        found = measure(run.environment(), run.postgres.url, given, run.valkey if given.lose_redis else None)
    messages = given.journeys * given.customers
    rows = [
        ["messages", f"{messages:,}"],
        ["sent", f"{found.sent:,}"],
        ["most for one customer", str(found.most)],
        *([name, f"{number:,}"] for name, number in sorted(found.ended.items())),
        ["decided a second", f"{messages / found.seconds:.0f}"],
    ]
    show_table([f"{given.workers} workers, 2 a day", "Redis lost" if given.lose_redis else "Redis kept"], rows)
    if given.json:
        given.json.write_text(json.dumps({**found.__dict__, "messages": messages}, indent=1))


if __name__ == "__main__":
    main()
