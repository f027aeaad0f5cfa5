"""Figures of reports equal plain counts over the raw rows, written in Python by other means."""

from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.measures.registry import reports
from orchestrator.core.measures.values import told_rows
from orchestrator.core.traits.compute import amount_of, currency_of
from orchestrator.core.traits.definition import Orders
from orchestrator.store.database import create_engine, plain_dsn
from orchestrator.store.measures.run import run_on_database
from tests.store.measures.shop import NOW, Shop, fill, make_shop
from tests.store.measures.test_both_engines import WHOLE

SEOUL = ZoneInfo("Asia/Seoul")


async def told(engine: AsyncEngine, name: str) -> list[list[Any]]:
    report = reports()[name]
    return told_rows(report.columns, (await run_on_database(engine, report, WHOLE, NOW)).rows)


def orders_by_month(shop: Shop) -> dict[tuple[str, str], tuple[int, str]]:
    """Orders and revenue by month and currency, by the code that counts computed traits."""
    worth: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    number: Counter[tuple[str, str]] = Counter()
    for _, _, _, name, properties, at, *_ in shop.rows["events"]:
        if name == "Order Completed":
            key = f"{at.astimezone(SEOUL):%Y-%m}-01", currency_of(Orders(), properties.obj)
            number[key] += 1
            worth[key] += round(amount_of(Orders(), properties.obj) or Decimal(0), 4)
    return {key: (number[key], f"{worth[key]:.2f}") for key in number}


async def test_reports_equal_counts_over_the_rows(database_url: str) -> None:
    shop = make_shop(120, seed=11)
    fill(plain_dsn(database_url), shop)
    engine = create_engine(database_url)

    found = {(row[0], row[1]): (row[2], row[4]) for row in await told(engine, "orders_by_month")}
    assert found == orders_by_month(shop)

    sends = [row for row in shop.rows["sends"] if row[7] == "sent"]
    by_channel = {row[0]: (row[1], row[3], row[4]) for row in await told(engine, "channel_league")}
    assert by_channel == {
        channel: (
            sum(row[9] == channel for row in sends),
            sum(row[9] == channel and row[16] is not None for row in sends),
            sum(row[9] == channel and row[17] is not None for row in sends),
        )
        for channel in {row[9] for row in sends}
    }
    goals = Counter(
        (row[2], row[8], row[9].obj.get("currency", "")) for row in shop.rows["transitions"] if row[5] == "goal"
    )
    assert {tuple(row[:3]): row[3] for row in await told(engine, "journey_goals")} == goals

    stages = Counter(row[3] or "" for row in shop.rows["customers"])
    assert {row[0]: row[1] for row in await told(engine, "stages")} == stages

    standing: dict[tuple[Any, str], bool] = {}
    for who, name, granted, _, _, _, _, counts in sorted(shop.rows["consent_log"], key=lambda row: row[3]):
        if counts:
            standing[who, name] = granted
    given = Counter(name for (_, name), granted in standing.items() if granted)
    last: dict[str, int] = {}
    for _, channel, purpose, _, _, stands in await told(engine, "consents"):
        last[channel if purpose == "advertising" else f"{channel}:{purpose}"] = stands
    assert {name: count for name, count in last.items() if count} == given
    await engine.dispose()
