"""A back-test over all cores: customers are walked a chunk at a time in processes of their own, totals added up here.

Chunks are counted in the order in which they were handed out, whichever is done first: those who were walked are then a
random sample at any time, and not those whose walk was short.
"""

import asyncio
import os
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field

from api.backtests.jobs import WalkedChunk, stratify_customers, walk_chunk
from api.bounded_work.pool import BoundedWork
from orchestrator.core.backtest.estimate import Totals
from orchestrator.core.backtest.schedule import Chunk, chunks
from orchestrator.core.backtest.walk import Backtest
from orchestrator.store.backtest.strata import STRATA, CustomerStrata

PROCESSES = max(1, os.cpu_count() or 1)
JOBS = ("api.backtests.jobs",)
"""What the command loads: an API has loaded more before."""
SECONDS = 120.0
"""Of processor time for one chunk, which takes one or two; and for reading who there is."""
MOST_DIFFERING = 1_000
"""Customers whose ways differ that are named, of each kind."""


@dataclass
class BacktestProgress:
    """How far it is, and what it has come to."""

    totals: Totals = field(default_factory=lambda: Totals({}))
    differing: dict[str, list[str]] = field(default_factory=dict)
    done: bool = False
    """All that was asked for was walked."""

    def count(self, chunk: Chunk, walked: WalkedChunk) -> None:
        """Add what a chunk came to. Who was erased or merged meanwhile counts as somebody who did nothing."""
        walked.totals.walked = chunk.many
        self.totals.strata[chunk.stratum].merge(walked.totals)
        for kind, ids in walked.differing.items():
            listed = self.differing.setdefault(kind, [])
            listed += ids[: MOST_DIFFERING - len(listed)]


@asynccontextmanager
async def processes(most: int = PROCESSES) -> AsyncIterator[BoundedWork]:
    """Processes for one back-test, which end with it, whatever they do."""
    work = BoundedWork(most=most, patience=3_600, preloaded=JOBS)
    try:
        yield work
    finally:
        await asyncio.to_thread(work.close)


async def run_backtest(
    database_url: str, asked: Backtest, most: int | None = None, at_once: int = PROCESSES
) -> AsyncGenerator[BacktestProgress]:
    """Walks all customers, or ``most`` of them, and tells each time that it knows more; the last time it is done.

    Raises ``EndlessJourney``, what SQLAlchemy raises, and the problems of the pool. To cancel: close the iterator.
    """
    async with processes(at_once) as work:
        strata = await work.run(SECONDS, stratify_customers, database_url, asked)
        progress = BacktestProgress(Totals(strata.sizes, _inert(asked)))
        async with aclosing(_walked(work, database_url, asked, strata, most, at_once)) as found:
            async for chunk, walked in found:
                progress.count(chunk, walked)
                yield progress
        progress.done = True
        yield progress


def _inert(asked: Backtest) -> frozenset[str]:
    return frozenset() if asked.comes_due else frozenset({STRATA[0]})


async def _walked(
    work: BoundedWork, database_url: str, asked: Backtest, strata: CustomerStrata, most: int | None, at_once: int
) -> AsyncGenerator[tuple[Chunk, WalkedChunk]]:
    """Chunks in their order, with as many under way as there are processes, and one more for each to begin with."""
    waiting: deque[tuple[Chunk, asyncio.Task[WalkedChunk]]] = deque()
    try:
        for chunk in chunks(strata.sizes, most):
            if len(waiting) >= 2 * at_once:
                first, task = waiting.popleft()
                yield first, await task
            ids = strata.part(*chunk)
            task = asyncio.create_task(work.run(SECONDS, walk_chunk, database_url, asked, ids), name="backtest-chunk")
            waiting.append((chunk, task))
        while waiting:
            first, task = waiting.popleft()
            yield first, await task
    finally:
        for _, task in waiting:
            task.cancel()
        await asyncio.gather(*(task for _, task in waiting), return_exceptions=True)
