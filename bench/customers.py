"""Customers are found among a million: ``python -m bench.customers --customers 1000000``.

PostgreSQL alone, filled in SQL: names in Hangul and in Latin letters, addresses, numbers, ids, tags, consents, stages.
Each question is asked as the console's list asks it, ``--rounds`` times, and once before to have it in memory.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.figures import median, percentile, show_machine, show_table
from orchestrator.stack import Postgres
from orchestrator.stack.account import make_data_dir, server_account
from orchestrator.store.customers.customer_list import CustomerFilter, count_customers, list_customers
from orchestrator.store.database import create_engine, plain_dsn
from orchestrator.store.migrate import upgrade

GOAL_MS = 100.0
_FILL = """
insert into customers (id, external_id, email, phone, attributes, tags, consents, stage, created_at, updated_at)
select gen_random_uuid(), 'u-' || n,
    case when n %% 10 < 8 then names.latin[1 + n %% 12] || n || '@' || names.hosts[1 + n %% 5] end,
    case when n %% 10 < 7 then '+8210' || lpad(((n::bigint * 7919) %% 100000000)::text, 8, '0') end,
    jsonb_build_object('name', case when n %% 5 = 0
        then initcap(names.latin[1 + n %% 12] || ' ' || names.latin[1 + (n / 12) %% 12])
        else names.family[1 + (n / 5) %% 10] || names.given[1 + (n / 10) %% 20]
            || names.given[1 + (n / 200) %% 20] end),
    case when n %% 50 = 0 then '["vip"]' when n %% 8999 = 0 then '["rare"]' else '[]' end::jsonb,
    case when n %% 3 = 0 then '{"email": true}' when n %% 7 = 0 then '{"email": false}' else '{}' end::jsonb,
    (array['intake', 'adaptation', 'retention', 'churn_signal', null])[1 + n %% 5],
    timestamptz '2026-01-01' + n * interval '10 seconds', now()
from generate_series(%(first)s::int, %(last)s::int) as n, (select
    array['김', '이', '박', '최', '정', '강', '조', '윤', '장', '임'] as family,
    array['서', '민', '지', '수', '현', '우', '연', '준', '하', '은', '영', '진', '경', '미', '호', '재', '성', '아',
        '원', '혜'] as given,
    array['minsu', 'jiho', 'sora', 'dain', 'haneul', 'yuna', 'john', 'maria', 'alex', 'olga', 'kenji', 'li'] as latin,
    array['example.com', 'example.org', 'mail.example', 'shop.example', 'example.net'] as hosts
) as names
"""
_IDENTITIES = "insert into identities (kind, value, customer_id) select 'user', external_id, id from customers"
_PART = 100_000
ASKED: dict[str, CustomerFilter] = {
    "the list": CustomerFilter(),
    "a stage": CustomerFilter(stage="retention"),
    "a tag, common": CustomerFilter(tag="vip"),
    "a tag, rare": CustomerFilter(tag="rare"),
    "consent to e-mail": CustomerFilter(agreed="email"),
    "reachable by telephone, churning": CustomerFilter(reachable="phone", stage="churn_signal"),
    "a whole id": CustomerFilter("u-500000"),
    "a whole address": CustomerFilter("sora500006@example.org"),
    "a name of three letters (박민수)": CustomerFilter("박민수"),
    "a given name (민수)": CustomerFilter("민수"),
    "a family name (김)": CustomerFilter("김"),
    "a name in Latin letters (haneul yuna)": CustomerFilter("haneul yuna"),
    "part of an address (sora50)": CustomerFilter("sora50"),
    "what everybody has (example.com)": CustomerFilter("example.com"),
    "a number as people write it": CustomerFilter("010-7919-0000"),
    "the end of a number (7919)": CustomerFilter("7919"),
    "nobody": CustomerFilter("zebra crossing"),
    "a name and a stage": CustomerFilter("박민수", stage="retention"),
}


@contextmanager
def filled(customers: int) -> Iterator[str]:
    """A database with so many; its URL."""
    with tempfile.TemporaryDirectory(prefix="sojourn-bench-") as outer:
        Path(outer).chmod(0o711)
        folder = Path(outer) / "data"
        make_data_dir(folder)
        server = Postgres(folder, account=server_account(folder), durable=False)
        server.start()
        try:
            server.wait()
            upgrade(server.url)
            fill(server.url, customers)
            yield server.url
        finally:
            server.stop()


def fill(url: str, customers: int) -> None:
    """So many customers, a part at a time."""
    began = time.perf_counter()
    with psycopg.connect(plain_dsn(url), autocommit=True) as db:
        for first in range(1, customers + 1, _PART):
            db.execute(_FILL.encode(), {"first": first, "last": min(customers, first + _PART - 1)})
        db.execute(_IDENTITIES.encode())
        db.execute("vacuum analyze customers")
        [[size]] = db.execute("select pg_size_pretty(pg_relation_size('customers_search'))").fetchall()
    print(f"filled in {time.perf_counter() - began:.0f} s; the index of the search has {size}\n", flush=True)


async def ask(engine: AsyncEngine, given: CustomerFilter, rounds: int) -> tuple[str, list[float]]:
    """What is found, and milliseconds of each round."""
    page, took = await list_customers(engine, given), []
    for _ in range(rounds):
        began = time.perf_counter()
        page = await list_customers(engine, given)
        took.append((time.perf_counter() - began) * 1000)
    return f"{len(page.rows)}{'+' if page.next else ''}", took


async def measure(url: str, rounds: int) -> None:
    """Every question, and the counts beside the list."""
    engine = create_engine(url)
    rows: list[list[str]] = []
    for name, given in ASKED.items():
        found, took = await ask(engine, given, rounds)
        met = "met" if percentile(took, 0.95) <= GOAL_MS else "missed"
        rows.append([name, found, f"{median(took):.1f}", f"{percentile(took, 0.95):.1f}", met])
    began = time.perf_counter()
    await count_customers(engine)
    rows.append(["counts by stage", "–", f"{(time.perf_counter() - began) * 1000:.1f}", "", ""])
    await engine.dispose()
    show_table(["asked for", "on the page", "median ms", "p95 ms", f"goal {GOAL_MS:.0f} ms"], rows)


def main() -> None:
    """Take the figures and print them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    given = parser.parse_args()
    show_machine("psycopg", "sqlalchemy")
    with filled(given.customers) as url:
        asyncio.run(measure(url, given.rounds))


if __name__ == "__main__":
    main()
