"""Running a report on PostgreSQL: its sources in front of its text, read-only, and not for longer than it may take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import psycopg
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.measures.filters import Filters
from orchestrator.core.measures.report import PARAMETERS, Report
from orchestrator.store.connection_pool import direct
from orchestrator.store.measures.sources import STATEMENTS, OrderSettings, driver_marks, load_order_settings

Engine = Literal["columns", "database"]
SECONDS = 20.0
"""For a report, before it is given up."""
_NARROWED = "select * from ({statement}) s where s.customer_id in (select customer_id from population)"
_READ_ONLY = "set transaction isolation level repeatable read, read only"
_PATIENCE = "select set_config('statement_timeout', %s, true), set_config('work_mem', '64MB', true)"


class ReportTooSlow(Exception):
    """It took longer than it may."""


@dataclass(frozen=True)
class Rows:
    """What a report came to.

    Attributes:
        rows: Values as the engine gives them, in the order of the report's columns.
        as_of: Journey time of the newest of what was counted that may still have changed.
    """

    rows: Sequence[tuple[Any, ...]]
    engine: Engine
    as_of: datetime


def with_sources(report: Report, filters: Filters) -> str:
    """The report's text with the sources that it names, as the driver wants it."""
    needed = dict.fromkeys(("population", *report.sources) if filters.narrows_customers else report.sources)
    parts = [f"{name} as not materialized ({_narrowed(name, filters)})" for name in needed]
    body = report.sql.removeprefix("with ")
    return driver_marks(f"with {', '.join(parts)}, {body}", PARAMETERS)


def _narrowed(name: str, filters: Filters) -> str:
    if name == "population" or not filters.narrows_customers:
        return STATEMENTS[name]
    return _NARROWED.replace("{statement}", STATEMENTS[name])


async def run_on_database(
    engine: AsyncEngine, report: Report, filters: Filters, now: datetime, seconds: float = SECONDS
) -> Rows:
    """Every row of a report, counted by PostgreSQL.

    Args:
        now: Journey time.
        seconds: After which it is given up.

    Raises:
        ReportTooSlow: It took longer.
    """
    orders: OrderSettings = await load_order_settings(engine)
    given: Mapping[str, Any] = {**filters.parameters(now), **orders.parameters}
    statement = with_sources(report, filters)
    async with direct(engine).connection() as db, db.transaction():
        await db.execute(_READ_ONLY)
        await db.execute(_PATIENCE, (str(int(seconds * 1000)),))
        try:
            found = await (await db.execute(statement, given)).fetchall()
        except psycopg.errors.QueryCanceled:
            raise ReportTooSlow(report.name) from None
    return Rows([tuple(row[column.name] for column in report.columns) for row in found], "database", now)
