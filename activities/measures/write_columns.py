"""Writing what has changed as columns, and counting the overview from them, so that it opens at once."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from orchestrator.core.measures.filters import Filters, default_period
from orchestrator.core.measures.registry import reports
from orchestrator.core.timing import Clock
from orchestrator.settings import Settings
from orchestrator.store.measures.answer import Counter
from orchestrator.store.measures.columns.export import Round
from orchestrator.store.measures.columns.place import columns_folder
from orchestrator.store.measures.columns.query import Question, count_on_columns
from orchestrator.store.measures.run import ReportTooSlow
from orchestrator.store.workspace import load_zone, read_clock

log = structlog.get_logger()

KEEPS = 75 * 60
"""Seconds for which the overview stands: somewhat longer than between two rounds."""
AHEAD = "overview"
"""The group of reports that is counted ahead."""


@dataclass(frozen=True)
class ColumnActivities:
    """One for a worker."""

    engine: AsyncEngine
    settings: Settings

    @activity.defn(name="write_columns")
    async def write(self) -> dict[str, int]:
        """One round, as an activity: units of columns, how many were written, rows, reports counted."""
        async with self.engine.connect() as db:
            clock = await read_clock(db)
        return await self.once(clock, activity.heartbeat)

    async def once(self, clock: Clock, alive: Callable[[], None] = lambda: None) -> dict[str, int]:
        """Write what has changed, then count the overview of the last days."""
        told = await Round(self.engine, columns_folder(self.settings), clock, alive).once()
        return {**told, "reports": await self._count_ahead(clock.now(), alive)}

    async def _count_ahead(self, now: datetime, alive: Callable[[], None]) -> int:
        zone = await load_zone(self.engine, self.settings)
        filters = Filters(*default_period(now, zone), zone)
        redis = Redis.from_url(self.settings.redis_url, socket_timeout=2.0, socket_connect_timeout=2.0)
        counter = Counter(self.engine, redis, columns_folder(self.settings), _in_a_thread, KEEPS)
        ahead = [report for report in reports().values() if report.group == AHEAD]
        try:
            for report in ahead:
                alive()
                try:
                    await counter.count(report, filters, now, fresh=True)
                except ReportTooSlow:
                    log.warning("report too slow", report=report.name)
        finally:
            await redis.aclose()
        return len(ahead)


async def _in_a_thread(question: Question) -> Sequence[tuple[Any, ...]]:
    return await asyncio.to_thread(count_on_columns, question)
