"""What reports cost on either engine: ``python -m bench.reports --customers 100000 --events 20``.

PostgreSQL alone, filled in SQL: customers with events over thirteen months, one in five an order; runs, messages with
what became of them, entries, consents. Columns are written once, as a worker does it each hour, and then by a round
that finds nothing to do. Each report of the overview and of one journey is counted ``--rounds`` times by each engine in
turn, so that what else the machine does falls upon both; their rows are held against each other.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy.ext.asyncio import AsyncEngine

from bench.figures import median, show_machine, show_table
from orchestrator.core.measures.filters import Filters, default_period
from orchestrator.core.measures.registry import reports
from orchestrator.core.measures.report import Report
from orchestrator.core.measures.values import told_rows
from orchestrator.core.timing import REAL_TIME
from orchestrator.stack import Postgres
from orchestrator.stack.account import make_data_dir, server_account
from orchestrator.store.database import create_engine, plain_dsn
from orchestrator.store.measures.columns.ask import gather
from orchestrator.store.measures.columns.export import Round
from orchestrator.store.measures.columns.query import count_on_columns
from orchestrator.store.measures.run import ReportTooSlow, run_on_database
from orchestrator.store.migrate import upgrade

GOAL = 1.0
JOURNEY = "j3"
_PAST = "now() - interval '1 second' * (abs(hashtextextended({salt}, {n})) %% 34000000)"
_FILL = (
    """
    insert into customers (id, email, attributes, stage, stage_since, created_at, updated_at)
    select gen_random_uuid(), 'p' || n || '@' || (array['a', 'b', 'c', 'd'])[1 + n %% 4] || '.example',
        jsonb_build_object('computed', jsonb_build_object('clv', n %% 977)),
        (array['intake', 'adaptation', 'retention', 'churn_signal', null])[1 + n %% 5], now(),
        now() - interval '1 second' * (n::bigint * 31 %% 34000000), now()
    from generate_series(1, %(customers)s::int) n
    """,
    f"""
    insert into events (message_id, customer_id, kind, name, properties, occurred_at, received_at, routed_at)
    select gen_random_uuid()::text, c.id, 'track',
        case when n %% 5 = 0 then 'Order Completed' else 'Product Viewed' end,
        case when n %% 5 = 0 then jsonb_build_object('revenue', n * 1000 + 500, 'currency',
            case when n %% 10 = 0 then 'USD' else 'KRW' end) else '{{}}' end, t.at, t.at, t.at
    from customers c cross join generate_series(1, %(events)s::int) n
    cross join lateral (select {_PAST.format(salt="c.id::text", n="n")} as at) t
    """,
    f"""
    insert into runs (id, workflow_id, journey_key, version, plan_hash, customer_id, status, entered_at, finished_at,
        reason)
    select r.id, r.id::text, 'j' || abs(hashtext(r.id::text)) %% 6, 1 + n %% 2, 'h', c.id, 'finished', t.at,
        t.at + interval '9 days', 'ended'
    from customers c cross join generate_series(1, 2) n cross join lateral (select md5(c.id::text || n)::uuid as id) r
    cross join lateral (select {_PAST.format(salt="c.id::text", n="n + 100")} as at) t
    """,
    """
    insert into entry_decisions (id, journey_key, version, customer_id, message_id, at, admitted, reason, run_id)
    select gen_random_uuid(), journey_key, version, customer_id, '', entered_at, abs(hashtext(id::text)) %% 10 > 0,
        case when abs(hashtext(id::text)) %% 10 > 0 then 'admitted' else 'holdout' end, id from runs
    """,
    """
    insert into transitions (run_id, seq, journey_key, customer_id, at, what, step, occurrence, port, note)
    select r.id, n, r.journey_key, r.customer_id, r.entered_at + interval '1 day' * n,
        (array['entered', 'left', 'entered', 'left', 'goal', 'ended'])[n],
        (array['hello', 'hello', 'offer', 'offer', 'offer', 'end'])[n], 1,
        case when n = 2 then (array['a', 'b'])[1 + abs(hashtext(r.id::text)) %% 2] when n = 5 then 'bought' else '' end,
        case when n = 5 then '{"value": 900, "currency": "KRW"}' else '{}' end::jsonb
    from runs r cross join generate_series(1, 6) n where n <> 5 or abs(hashtext(r.id::text)) %% 4 = 0
    """,
    """
    insert into sends (id, run_id, journey_key, step, occurrence, customer_id, message_class, status, reason,
        channel, attempts,
        template, created_at, sent_at, delivery, delivered_at, opened_at, clicked_at, bounced_at)
    select gen_random_uuid(), r.id, r.journey_key, (array['hello', 'offer'])[n], 1, r.customer_id, 'advertising',
        'sent', '', (array['email', 'sms'])[n], 1, 't' || abs(hashtext(r.id::text)) %% 20, t.at, t.at, 'delivered',
        t.at,
        case when h.h %% 3 = 0 then t.at + interval '1 hour' end,
        case when h.h %% 9 = 0 then t.at + interval '2 hours' end,
        case when h.h %% 97 = 0 then t.at end
    from runs r cross join generate_series(1, 2) n
    cross join lateral (select r.entered_at + interval '1 day' * (2 * n - 1) as at) t
    cross join lateral (select abs(hashtext(r.id::text || n)) as h) h
    """,
    """
    insert into consent_log (customer_id, name, granted, at, source, evidence, act, counts)
    select customer_id, channel, false, sent_at + interval '3 hours', 'unsubscribe', jsonb_build_object('send', id),
        true, true
    from sends where abs(hashtext(id::text)) %% 60 = 0
    """,
    "insert into workspace (id, time_zone, locale) values (1, 'Europe/Berlin', 'en')",
    "vacuum analyze",
)


def fill(dsn: str, customers: int, events: int) -> None:
    """So many customers with so many events each."""
    with psycopg.connect(dsn, autocommit=True) as db:
        for statement in _FILL:
            given = {name: value for name, value in (("customers", customers), ("events", events)) if name in statement}
            db.execute(statement.encode(), given)


async def on_columns(
    engine: AsyncEngine, report: Report, filters: Filters, folder: Path, now: datetime
) -> list[list[Any]]:
    """A report's rows by DuckDB, with what has to be gathered for it."""
    with tempfile.TemporaryDirectory() as scratch:
        gathered = await gather(engine, report, filters, now, folder, Path(scratch))
        if gathered is None:
            raise RuntimeError("no columns")
        return told_rows(report.columns, await asyncio.to_thread(count_on_columns, gathered[0]))


async def compare(engine: AsyncEngine, folder: Path, rounds: int, patience: float) -> list[tuple[str, ...]]:
    """A line for each report: seconds of both, their ratio, whether they agree."""
    now = datetime.now(UTC)
    lines: list[tuple[str, ...]] = []
    for report in reports().values():
        if report.group not in ("overview", "journey"):
            continue
        since, until = default_period(now, "Europe/Berlin")
        filters = Filters(since, until, "Europe/Berlin", journey=JOURNEY if report.group == "journey" else None)
        slow, fast, same = [], [], "yes"
        for _ in range(rounds):
            began = time.perf_counter()
            rows = await on_columns(engine, report, filters, folder, now)
            fast.append(time.perf_counter() - began)
            began = time.perf_counter()
            try:
                found = await run_on_database(engine, report, filters, now, patience)
                same = same if agrees(told_rows(report.columns, found.rows), rows) else "NO"
            except ReportTooSlow:
                same = "?"
            slow.append(time.perf_counter() - began)
        ratio = f"{median(slow) / median(fast):.1f}"
        met = "met" if median(fast) <= GOAL else "not met"
        lines.append((report.name, f"{median(slow):.2f}", f"{median(fast):.2f}", ratio, same, met))
    return lines


def agrees(one: Sequence[Sequence[Any]], other: Sequence[Sequence[Any]]) -> bool:
    """Whether rows are equal, but for the last digits of floats."""
    return len(one) == len(other) and all(
        a == b or (isinstance(a, float) and isinstance(b, float) and abs(a - b) <= 1e-9 * max(abs(a), abs(b)))
        for row, its in zip(one, other, strict=True)
        for a, b in zip(row, its, strict=True)
    )


def size_of(folder: Path) -> int:
    """Bytes of the columns."""
    return sum(path.stat().st_size for path in folder.rglob("*.parquet"))


async def measure(database_url: str, folder: Path, rounds: int, patience: float) -> None:
    """All of it."""
    engine = create_engine(database_url)
    for what in ("columns written first", "a round that finds nothing"):
        began = time.perf_counter()
        told = await Round(engine, folder, REAL_TIME).once()
        print(f"{what}: {time.perf_counter() - began:.1f} s, {told['rows']:,} rows in {told['written']} files")
    print(f"size of the columns: {size_of(folder) / 1e6:.0f} MB\n")
    lines = await compare(engine, folder, rounds, patience)
    show_table(["report", "PostgreSQL, s", "columns, s", "ratio", "equal", f"columns ≤ {GOAL:.0f} s"], lines)
    await engine.dispose()


def main() -> None:
    """From the command line."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--customers", type=int, default=100_000)
    asked.add_argument("--events", type=int, default=20, help="of each customer")
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--patience", type=float, default=120.0, help="seconds for a report on PostgreSQL")
    given = asked.parse_args()
    show_machine()
    with tempfile.TemporaryDirectory(prefix="sojourn-bench-") as outer:
        data = Path(outer) / "data"
        Path(outer).chmod(0o711)
        make_data_dir(data)
        server = Postgres(data, account=server_account(data), durable=False)
        server.start()
        try:
            server.wait()
            url = server.url
            upgrade(url)
            began = time.perf_counter()
            fill(plain_dsn(url), given.customers, given.events)
            print(f"filled in {time.perf_counter() - began:.0f} s")
            asyncio.run(measure(url, Path(outer) / "columns", given.rounds, given.patience))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
