"""A report's rows by whichever engine has them: what was counted a moment ago, else columns, else the database."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.measures.filters import Filters
from orchestrator.core.measures.report import Report
from orchestrator.core.measures.values import told_rows
from orchestrator.store.database import dump_json
from orchestrator.store.measures.columns.ask import gather
from orchestrator.store.measures.columns.query import Question
from orchestrator.store.measures.run import SECONDS, Engine, run_on_database
from orchestrator.store.measures.sources import load_order_settings

log = structlog.get_logger(__name__)

FRESH = 60
"""Seconds for which an answer serves everybody who asks the same."""
Counting = Callable[[Question], Awaitable[Sequence[tuple[Any, ...]]]]
"""Runs a question on columns, in a process or thread of its own."""


@dataclass(frozen=True)
class Answer:
    """A report's rows as they are told, what counted them, and of when they are (journey time)."""

    rows: list[list[Any]]
    engine: Engine
    as_of: datetime


@dataclass(frozen=True)
class Counter:
    """Counts reports.

    Attributes:
        folder: Of the columns.
        on_columns: How a question is run on them.
        keeps: Seconds for which an answer is kept.
    """

    engine: AsyncEngine
    redis: "Redis"
    folder: Path
    on_columns: Counting
    keeps: int = FRESH

    async def count(
        self, report: Report, filters: Filters, now: datetime, *, fresh: bool = False, seconds: float = SECONDS
    ) -> Answer:
        """The rows. ``fresh``: counted now, also where an answer is kept. Raises ``ReportTooSlow``."""
        key = await self._key(report, filters)
        kept = None if fresh else await self._kept(key)
        if kept is not None:
            return kept
        answer = await self._on_columns(report, filters, now) or await self._on_database(report, filters, now, seconds)
        await self._keep(key, answer)
        return answer

    async def _on_columns(self, report: Report, filters: Filters, now: datetime) -> Answer | None:
        with TemporaryDirectory(prefix="sojourn-report-") as scratch:
            gathered = await gather(self.engine, report, filters, now, self.folder, Path(scratch))
            if gathered is None:
                return None
            question, as_of = gathered
            try:
                rows = await self.on_columns(question)
            except Exception as error:  # a file that was removed, memory: the database knows it all
                log.warning("columns not read", report=report.name, problem=type(error).__name__)
                return None
        return Answer(told_rows(report.columns, rows), "columns", as_of)

    async def _on_database(self, report: Report, filters: Filters, now: datetime, seconds: float) -> Answer:
        found = await run_on_database(self.engine, report, filters, now, seconds)
        return Answer(told_rows(report.columns, found.rows), "database", found.as_of)

    async def _key(self, report: Report, filters: Filters) -> str:
        orders = await load_order_settings(self.engine)
        said = dump_json([report.sql, {name: str(value) for name, value in vars(filters).items()}, orders.parameters])
        return f"measures:{report.name}:{hashlib.sha256(said.encode()).hexdigest()[:32]}"

    async def _kept(self, key: str) -> Answer | None:
        try:
            found = await self.redis.get(key)
        except RedisError:
            return None
        if found is None:
            return None
        rows, engine, as_of = orjson.loads(found)
        return Answer(rows, engine, datetime.fromisoformat(as_of))

    async def _keep(self, key: str, answer: Answer) -> None:
        try:
            told = orjson.dumps([answer.rows, answer.engine, answer.as_of.isoformat()])
            await self.redis.set(key, told, ex=self.keeps)
        except RedisError as error:
            log.warning("answer not kept", problem=type(error).__name__)
