"""Imports go on in the background of the API, a few rows at a time, one process at each; a killed one is gone on with.

A row's message id is made of its content, so rows that were stored before a crash are duplicates after it.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from itertools import islice
from uuid import UUID

import psycopg
import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from api.http.problems import ApiProblem
from api.imports.reading import rows_of, take_row
from api.intake.csv_columns import CsvCalls
from orchestrator.core.timing import zone
from orchestrator.settings import Settings
from orchestrator.store.imports.progress import (
    ImportRow,
    Step,
    finish_import,
    hold_import,
    imports_left_alone,
    keep_step,
    let_go,
    load_content,
    load_import,
)
from orchestrator.store.intake.incoming import Incoming
from orchestrator.store.intake.writer import IntakeBusy, IntakeUnavailable, IntakeWriter
from orchestrator.store.workspace import load_zone

log = structlog.get_logger(__name__)
AT_ONCE = 200
"""Rows: some ten milliseconds of work, in which nobody else is answered."""
AWAY = (IntakeUnavailable, DBAPIError, PoolTimeout, psycopg.Error, OSError)
_PAUSE = 2.0  # seconds
_TRIES = 30
Numbered = tuple[int, list[str]]


class ImportRunner:
    """The imports of one process of the API."""

    def __init__(self, engine: AsyncEngine, writer: IntakeWriter, settings: Settings) -> None:
        self._engine, self._writer, self._settings = engine, writer, settings
        self._tasks: dict[UUID, asyncio.Task[None]] = {}
        self._resuming: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Look for what was left alone when another process ended."""
        self._resuming = asyncio.create_task(self.resume(), name="customer-imports-left-alone")

    def begin(self, identity: UUID) -> None:
        """Work on one, unless this process does already, or another has it."""
        if identity not in self._tasks:
            task = asyncio.create_task(self._run(identity), name="customer-import")
            self._tasks[identity] = task
            task.add_done_callback(lambda _: self._tasks.pop(identity, None))

    async def resume(self) -> None:
        """Go on with what nobody works on; where the database is away, another time."""
        with contextlib.suppress(*AWAY):
            for identity in await imports_left_alone(self._engine):
                self.begin(identity)

    async def close(self) -> None:
        """Leave off; what was begun is gone on with by the next process."""
        if self._resuming is not None:
            self._resuming.cancel()
            await asyncio.gather(self._resuming, return_exceptions=True)
        tasks = dict(self._tasks)
        for task in tasks.values():
            task.cancel()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        with contextlib.suppress(*AWAY):
            for identity in tasks:
                await let_go(self._engine, identity)

    async def _run(self, identity: UUID) -> None:
        try:
            if await hold_import(self._engine, identity):
                await self._import(identity)
        except AWAY as error:
            log.warning("import_left_alone", problem=type(error).__name__)
        except Exception as error:  # a fault of ours: it is told on the page, and in the log without any value
            log.error("import_failed", problem=type(error).__name__)
            with contextlib.suppress(*AWAY):
                await finish_import(self._engine, identity, "failed", type(error).__name__)

    async def _import(self, identity: UUID) -> None:
        row, content = await load_import(self._engine, identity), await load_content(self._engine, identity)
        if row is None or content is None:
            return
        time_zone = zone(await load_zone(self._engine, self._settings))
        calls = CsvCalls("customers", row.columns, row.fields, time_zone=time_zone)
        rows = islice(rows_of(content), 1, None)
        for _, cells in islice(rows, row.done):
            calls.pass_over(cells)
        done, refused = row.done, row.refused
        while chunk := list(islice(rows, AT_ONCE)):
            done += len(chunk)
            step = await self._take(chunk, calls, row, done)
            if not await keep_step(self._engine, identity, step, refused):
                return
            refused += len(step.refusals)
        await finish_import(self._engine, identity, "done")

    async def _take(self, chunk: Sequence[Numbered], calls: CsvCalls, row: ImportRow, done: int) -> Step:
        events: list[Incoming] = []
        origins: list[Numbered] = []
        refusals: list[tuple[int, Sequence[str], str]] = []
        warned = 0
        for number, cells in chunk:
            warnings: list[ApiProblem] = []
            try:
                event = take_row(calls, cells, warnings)
            except ApiProblem as problem:
                refusals.append((number, cells, _reason(problem, row.locale)))
                continue
            event.history = not row.tells_journeys
            events.append(event)
            origins.append((number, cells))
            warned += bool(warnings)
        outcomes = await self._store(events)
        for outcome, (number, cells) in zip(outcomes, origins, strict=True):
            if outcome == "failed":
                refusals.append((number, cells, _reason(ApiProblem("not_stored"), row.locale)))
        return Step(done, outcomes.count("stored"), outcomes.count("duplicate"), warned, sorted(refusals))

    async def _store(self, events: list[Incoming]) -> list[str]:
        """Through the door of every call; what is live goes first, so a full queue is waited for."""
        for _ in range(_TRIES if events else 0):
            try:
                return list(await self._writer.store(events))
            except IntakeBusy:
                await asyncio.sleep(_PAUSE)
        if events:
            raise IntakeUnavailable
        return []


def _reason(problem: ApiProblem, locale: str) -> str:
    said = problem.rendered(locale)
    return f"{said['code']}: {said['message']}"
