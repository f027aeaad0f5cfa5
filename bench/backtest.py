"""What a back-test costs: ``python -m bench.backtest --customers 10000 --events 90``.

On a PostgreSQL of its own: customers who each do so many things in 180 days (the window of 90 and its lead-in), one in
six of them what the cart reminder waits for. The cart reminder of the examples is walked beside a live version that
waits otherwise, so every customer is walked twice.

1. *CPU time*, of one process: reading who there is, and reading and walking one customer. Other processes disturb it
   little, so what a whole back-test takes on a machine of its own is reckoned from it.
2. *All of it* over all cores: seconds to the first figures and to the end, as this machine is now, and the memory of
   this process, which only adds up.
"""

import argparse
import asyncio
import resource
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from api.backtests.jobs import stratify_customers, walk_chunk
from api.backtests.running import PROCESSES, run_backtest
from bench.figures import show_machine, show_table
from bench.servers import servers
from orchestrator.core.backtest.walk import Backtest
from orchestrator.core.journey.plan import Plan, compile_journey
from orchestrator.core.sending.policies import rules_of
from orchestrator.core.zone_settings import DEFAULT_ZONE
from orchestrator.files.yaml_text import load_yaml
from orchestrator.store.database import plain_dsn

_CUSTOMERS = """
insert into customers (id, external_id, email, phone, consents, created_at, updated_at)
select gen_random_uuid(), 'c' || n, 'c' || n || '@example.com', '+821000000000',
    '{"email": true, "sms": true, "push": true}', now() - interval '200 days', now()
from generate_series(1, %s) as n
"""
_EVENTS = """
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at, routed_at)
select gen_random_uuid()::text, c.id, 'track',
    case when n %% 12 = 0 then 'Order Completed' when n %% 6 = 1 then 'Product Added' else 'Product Viewed' end,
    jsonb_build_object('cart_id', 'k' || (n / 6), 'revenue', 129000, 'currency', 'KRW'), '{}', at, at, at
from customers c cross join generate_series(1, %s) as n
cross join lateral (select now() - interval '1 second' * (abs(hashtextextended(c.id::text, n)) %% 15552000) as at) as t
"""
_HALF = "delete from events where name = 'Product Added' and get_byte(uuid_send(customer_id), 0) < 128"


def fill(dsn: str, customers: int, events: int) -> None:
    """So many customers, each with so many events over 180 days; of half of them none lets anybody in."""
    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute(_CUSTOMERS.encode(), (customers,))
        db.execute(_EVENTS.encode(), (events,))
        db.execute(_HALF.encode())
        db.execute("vacuum analyze")


def plan_of(*, wait: str | None = None) -> Plan:
    """The cart reminder, or one that waits otherwise."""
    document: dict[str, Any] = load_yaml(Path("examples/cart-recovery.yaml").read_text(encoding="utf-8"))
    for step in document["steps"]:
        if wait is not None and step["kind"] == "wait_for_event":
            step["settings"]["window"] = wait
    plan = compile_journey(document).plan
    if plan is None:
        raise SystemExit("the example does not compile")
    return plan


def cpu_times(database_url: str, asked: Backtest, many: int = 400) -> tuple[float, float, int]:
    """CPU seconds for reading who there is, and for one customer, of many drawn by lot; how many there are."""
    began = time.process_time()
    strata = stratify_customers(database_url, asked)
    listed = time.process_time() - began
    walked, began = 0, time.process_time()
    whole = sum(strata.sizes.values())
    for name, size in strata.sizes.items():
        part = round(many * size / whole)
        walk_chunk(database_url, asked, strata.part(name, 0, part))
        walked += part
    return listed, (time.process_time() - began) / walked, whole


async def measure(database_url: str, asked: Backtest, most: int | None) -> tuple[float, float, int, str]:
    """Seconds to the first figures and to the end, customers walked, and messages sent: first interval and last."""
    began, first, early = time.perf_counter(), 0.0, ""
    walked, final = 0, ""
    async for progress in run_backtest(database_url, asked, most):
        if progress.totals.ready:
            told = progress.totals.estimate(("draft", "sent"))
            final = f"{told.value:,.0f} [{told.low:,.0f} – {told.high:,.0f}]"
            first, early = first or time.perf_counter() - began, early or final
        walked = progress.totals.walked
    return first, time.perf_counter() - began, walked, f"{early} → {final}"


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=10_000)
    parser.add_argument("--events", type=int, default=90)
    parser.add_argument("--days", type=int, default=90)
    parser.add_argument("--walked", type=int, default=0, help="of all of it, so many customers only; 0: all")
    options = parser.parse_args()
    show_machine("sqlalchemy", "psycopg")
    with servers(durable=True, temporal_in_memory=True) as running:
        database_url = running.postgres.url
        fill(plain_dsn(database_url), options.customers, options.events)
        asked = Backtest(plan_of(), plan_of(wait="4h"), datetime.now(UTC), options.days, DEFAULT_ZONE, rules_of(None))
        listed, each, whole = cpu_times(database_url, asked)
        hundred = 100_000 * (each + listed / whole)
        show_table(
            ("who there is, CPU ms a customer", "walk, CPU ms a customer", "100,000 customers, CPU s", "on 8 cores, s"),
            [(f"{1_000 * listed / whole:.3f}", f"{1_000 * each:.1f}", f"{hundred:,.0f}", f"{hundred / 8:,.0f}")],
        )
        first, seconds, walked, told = asyncio.run(measure(database_url, asked, options.walked or None))
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        show_table(
            ("processes", "first figures s", "walked", "s", "this process MiB", "messages"),
            [(str(PROCESSES), f"{first:.1f}", f"{walked:,}", f"{seconds:.0f}", f"{memory:,.0f}", told)],
        )


if __name__ == "__main__":
    main()
