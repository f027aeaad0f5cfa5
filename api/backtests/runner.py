"""The back-tests of one process of the API: one at a time in the background, each with all cores, behind everybody."""

import asyncio
import time
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy.exc import DBAPIError

from api.backtests.jobs import told_figures
from api.backtests.kept import INTERRUPTED, KeptBacktests, Record
from api.backtests.running import BacktestProgress, run_backtest
from api.bounded_work.pool import BoundedWork
from api.http.problems import ApiProblem
from api.http.resources import Resources
from orchestrator.core.backtest.figures import ENDLESS
from orchestrator.core.backtest.walk import Backtest, EndlessJourney
from orchestrator.core.text import Text

log = structlog.get_logger(__name__)
EVERY = 0.4
"""Seconds between two looks at the figures, at least; they take time, and never more than a fifth of it."""
MOST_WAITING = 8
AWAY = Text("The database could not be asked. Try again.")
SECONDS = 20.0
"""Of processor time, for working out figures: there are thousands where a journey sends by many channels each day."""


@dataclass
class _Running:
    """One that has not ended."""

    asked: Backtest
    sample: int | None
    by: str
    record: Record
    progress: BacktestProgress = field(default_factory=BacktestProgress)
    task: asyncio.Task[None] | None = None


class BacktestRunner:
    """One for a process; to be closed."""

    def __init__(self, resources: Resources, work: BoundedWork) -> None:
        self.kept = KeptBacktests(resources.redis)
        self._database_url = resources.settings.database_url
        self._work = work
        self._turn = asyncio.Semaphore(1)
        self._running: dict[UUID, _Running] = {}

    async def start(self, asked: Backtest, version: int | None, sample: int | None, by: str) -> Record:
        """Begin one, in the place of one of the same journey that the same person has under way. Raises ``no_turn``."""
        for identity, other in list(self._running.items()):
            if (other.record["journey"], other.by) == (asked.draft.key, by):
                await self.cancel(identity)
        if len(self._running) >= MOST_WAITING:
            raise ApiProblem("no_turn", seconds=30)
        identity = uuid4()
        record: Record = {
            "id": str(identity),
            "journey": asked.draft.key,
            "state": "waiting",
            "problem": None,
            "live_version": version,
            "started_at": datetime.now(UTC).isoformat(),
            "seconds": 0.0,
            "figures": None,
        }
        one = self._running[identity] = _Running(asked, sample, by, record)
        await self.kept.keep(identity, record, {})
        one.task = asyncio.create_task(self._run(identity, one), name="backtest")
        one.task.add_done_callback(lambda _: self._running.pop(identity, None))
        return record

    async def cancel(self, identity: UUID) -> None:
        """End it, wherever it runs; what it has come to stays."""
        one = self._running.get(identity)
        if one is None or one.task is None:
            await self.kept.ask_to_cancel(identity)
            return
        one.record["state"] = "cancelled"
        one.task.cancel()
        await asyncio.gather(one.task, return_exceptions=True)
        await self.kept.keep(identity, one.record, one.progress.differing)  # one that had not begun tells nothing

    async def close(self) -> None:
        """Leave off: a back-test is started again by whoever wants it."""
        for one in list(self._running.values()):
            one.record |= {"state": "failed", "problem": INTERRUPTED.by_locale()}
            if one.task is not None:
                one.task.cancel()
        tasks = [one.task for one in self._running.values() if one.task is not None]
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _run(self, identity: UUID, one: _Running) -> None:
        try:
            async with self._turn:
                await self._walk(identity, one)
        except asyncio.CancelledError:
            pass  # the state says why
        except EndlessJourney:
            self._fail(one, ENDLESS.by_locale())
        except ApiProblem as problem:
            self._fail(one, {locale: str(problem.rendered(locale)["message"]) for locale in AWAY.by_locale()})
        except DBAPIError as error:
            log.warning("backtest_failed", journey=one.record["journey"], problem=type(error.orig).__name__)
            self._fail(one, AWAY.by_locale())
        except Exception as error:
            log.error("backtest_failed", journey=one.record["journey"], problem=type(error).__name__)
            self._fail(one, AWAY.by_locale())
        await self.kept.keep(identity, one.record, one.progress.differing)

    @staticmethod
    def _fail(one: _Running, problem: dict[str, str]) -> None:
        one.record |= {"state": "failed", "problem": problem}

    async def _walk(self, identity: UUID, one: _Running) -> None:
        began, due = time.monotonic(), 0.0
        one.record["state"] = "counting"
        await self.kept.keep(identity, one.record, {})
        async with aclosing(run_backtest(self._database_url, one.asked, one.sample)) as found:
            async for progress in found:
                one.progress, now = progress, time.monotonic()
                if not (progress.done or (progress.totals.ready and now >= due)):
                    continue
                one.record["figures"] = await self._figures(one.asked, progress)
                one.record |= {"state": "done" if progress.done else "walking", "seconds": round(now - began, 1)}
                await self.kept.keep(identity, one.record, progress.differing)
                if await self.kept.is_to_be_cancelled(identity) and not progress.done:
                    one.record["state"] = "cancelled"
                    return
                due = time.monotonic() + max(EVERY, 4 * (time.monotonic() - now))

    async def _figures(self, asked: Backtest, progress: BacktestProgress) -> dict[str, Any]:
        return await self._work.run(SECONDS, told_figures, asked, progress.totals)
