"""PostgreSQL and DuckDB come to the same rows, of every report, with every kind of filter."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.measures.filters import Filters
from orchestrator.core.measures.registry import reports
from orchestrator.core.measures.report import Report
from orchestrator.core.measures.values import told_rows
from orchestrator.core.timing import Clock
from orchestrator.store.database import create_engine, plain_dsn
from orchestrator.store.erasures.erase import erase_person
from orchestrator.store.intake.merge import lock_identities, merge_customers
from orchestrator.store.measures.columns.ask import gather
from orchestrator.store.measures.columns.export import Round, write_again
from orchestrator.store.measures.columns.query import count_on_columns
from orchestrator.store.measures.run import run_on_database
from tests.examples import LONG
from tests.store.measures.shop import NOW, fill, make_shop

WHOLE = Filters(date(2026, 1, 1), date(2026, 7, 2), "Asia/Seoul")
ASKED = {
    "whole": WHOLE,
    "part": replace(WHOLE, since=date(2026, 3, 1), until=date(2026, 5, 15), zone="America/New_York"),
    "segment": replace(WHOLE, segment="third"),
    "stage": replace(WHOLE, stage="retention", attribute="city", attribute_value="Seoul"),
    "journey": replace(WHOLE, journey="welcome", version=2, channel="email", attribution="linear"),
    "currency": replace(WHOLE, currency="USD", attribution="first", window_days=30),
}


Told = list[list[Any]]


def close(one: Told, other: Told) -> bool:
    """Equal, but for the last digits of what is divided."""
    return len(one) == len(other) and all(
        len(a) == len(b)
        and all(x == y or (isinstance(x, float) and x == pytest.approx(y, rel=1e-9)) for x, y in zip(a, b, strict=True))
        for a, b in zip(one, other, strict=True)
    )


async def on_columns(engine: AsyncEngine, report: Report, filters: Filters, folder: Path, scratch: Path) -> Told:
    with TemporaryDirectory(dir=scratch) as own:
        gathered = await gather(engine, report, filters, NOW, folder, Path(own))
        assert gathered is not None
        return told_rows(report.columns, count_on_columns(gathered[0]))


async def compare(
    engine: AsyncEngine, folder: Path, scratch: Path, filters_each: int = 1
) -> tuple[list[str], dict[str, int]]:
    """Reports that differ, by name and filter; and how many rows each has at most.

    Each is asked without filters, and by so many of the others in turn.
    """
    wrong: list[str] = []
    most: dict[str, int] = {}
    turn = cycle([one for one in ASKED if one != "whole"])
    for name, report in reports().items():
        for asked in ["whole", *(next(turn) for _ in range(filters_each))]:
            filters = ASKED[asked]
            one = told_rows(report.columns, (await run_on_database(engine, report, filters, NOW)).rows)
            other = await on_columns(engine, report, filters, folder, scratch)
            most[name] = max(most.get(name, 0), len(one))
            if not close(one, other):
                wrong.append(f"{name}, {asked}:\n  {one}\n  {other}")
    return wrong, most


async def test_both_engines_agree(database_url: str, tmp_path: Path) -> None:
    """Of a shop that is written as columns; then of what came after it, and of people merged and erased since."""
    engine, folder, url = create_engine(database_url), tmp_path / "columns", plain_dsn(database_url)
    shop = make_shop()
    fill(url, shop)
    clock = Clock(86_400.0, datetime.now(UTC), NOW)
    told = await Round(engine, folder, clock).once()
    assert told["written"] == told["units"] > 9
    wrong, most = await compare(engine, folder, tmp_path, len(ASKED) - 1 if LONG else 1)
    assert not wrong, "\n".join(wrong)
    assert min(most.values()) > 0, most

    next(folder.rglob("*.parquet")).unlink()
    assert (await Round(engine, folder, clock).once())["written"] == 1
    assert (await Round(engine, folder, clock).once())["written"] == 0

    fill(url, make_shop(25, seed=8, since=NOW))
    async with await psycopg.AsyncConnection.connect(url) as db:
        for source, target in zip(shop.people[:6:2], shop.people[1:6:2], strict=True):
            await lock_identities(db)
            await merge_customers(db, source, target, NOW)
    nobody, gone = uuid4(), shop.people[10]
    async with engine.begin() as begun:
        await erase_person(begun, [gone], runs=[], nobody=nobody, at=NOW)
    assert await write_again(engine, folder, [gone, nobody]) > 0
    wrong, _ = await compare(engine, folder, tmp_path, len(ASKED) - 1 if LONG else 0)
    assert not wrong, "\n".join(wrong)

    later = Clock(86_400.0, datetime.now(UTC), NOW + timedelta(days=200))
    assert (await Round(engine, folder, later).once())["written"] > 0
    wrong, _ = await compare(engine, folder, tmp_path, len(ASKED) - 1 if LONG else 0)
    assert not wrong, "\n".join(wrong)
    await engine.dispose()
