"""What is looked after without anybody's word, every few seconds, by one worker: the breaker, and what was mended.

The breaker pauses a journey of which too many receivers complain, or whose messages come back
(``core.sending.breaker``), until a person resumes it; from then on it counts anew.

A step that is paused for a fault is tried again once something was changed that the fault may have lain in: a template
is published or taken out of the archive, a version of the journey is published, the sender or a provider is set up
anew. The pause ends, and those who wait are let go at a pace. If it was not that, the first of them stops the step
again, and the others stay where they are.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Any, Protocol
from uuid import UUID, uuid4

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.service import RPCError

from orchestrator.core.run.operations import PER_SECOND, Act
from orchestrator.core.run.pause_reasons import BREAKER
from orchestrator.core.sending.breaker import Bounds, past_bound
from orchestrator.store.audit.chain import SYSTEM
from orchestrator.store.database import session_factory
from orchestrator.store.heartbeats import Heartbeat
from orchestrator.store.operations.choice import Choice, freeze
from orchestrator.store.operations.feedback_counts import FeedbackMark, feedback_marks, feedback_of_journeys
from orchestrator.store.operations.mending import basis_of
from orchestrator.store.operations.pauses import Fault, Pause, end_pause, pause, pauses
from orchestrator.store.operations.progress import NewOperation, turn_operation, write_operation
from orchestrator.store.workspace import load_workspace

log = structlog.get_logger()

EVERY = 5.0
"""Seconds between two looks. A change is acted on when the look after the one that found it finds the same: by then
every worker knows of it (``store.templates.source.FRESH``, ``channels.active_providers.LOOK_EVERY``)."""
RECOUNT = 30.0
"""Seconds after which the messages of a journey are counted again though nothing more was said of them."""
ALERTS_EVERY = 30.0
"""Seconds between two looks at what is in trouble, which asks of every run under way."""
LEASE = "guard"
"""Of several workers one looks."""


class StartsOperations(Protocol):
    """Has operations carried out (``workflows.client.Runs``)."""

    async def start_operation(self, operation: UUID, per_second: float) -> None:
        """Begin one that was written down."""


class Tells(Protocol):
    """Tells somebody what has begun and what is over (``activities.webhooks.alerts.Alerts``)."""

    async def look(self) -> None:
        """At everything."""


@dataclass(frozen=True)
class AutomaticPauses:
    """One for a worker. ``alerts``: None where nobody is told."""

    engine: AsyncEngine
    runs: StartsOperations
    alerts: Tells | None = None
    _within: dict[str, tuple[tuple[FeedbackMark, Bounds], float]] = field(default_factory=dict)
    """Journeys that were within the bounds, with enough messages: by what was known, and when."""
    _changed: dict[str, str] = field(default_factory=dict)
    """By pause: what the last look found its step's messages to be made of, where that was new."""

    async def watch(self, heartbeat: Heartbeat) -> None:
        """Until cancelled, every :data:`EVERY` seconds. Whoever is away is waited for."""
        alerted = float("-inf")
        while True:
            await asyncio.sleep(EVERY)
            try:
                if not await heartbeat.take(LEASE):
                    continue
                await self.once()
                if self.alerts is not None and monotonic() - alerted >= ALERTS_EVERY:
                    alerted = monotonic()
                    await self.alerts.look()
            except (SQLAlchemyError, RPCError, OSError, TimeoutError) as problem:
                log.warning("could not look after what is paused", problem=type(problem).__name__)
            except Exception:  # a fault of ours in one look must not end all those that follow
                log.exception("could not look after what is paused")

    async def once(self) -> None:
        """One look at what is to be paused, and what was mended."""
        await self._break()
        for one in await pauses(self.engine):
            if one.cause and one.step is not None:
                await self._try_again(one)

    async def _break(self) -> None:
        """Pause the journeys of which too many complain, or whose messages come back."""
        async with session_factory(self.engine)() as session:
            workspace = await load_workspace(session)
        bounds = Bounds.of(workspace.settings if workspace else {})
        if not bounds.on:
            return
        marks = {key: (mark, bounds) for key, mark in (await feedback_marks(self.engine, bounds.window)).items()}
        due = [key for key, mark in marks.items() if not self._counted_lately(key, mark)]
        for feedback in await feedback_of_journeys(self.engine, bounds.window, due) if due else ():
            reason = past_bound(bounds, feedback)
            if reason is None:
                if feedback.sent >= bounds.least:
                    self._within[feedback.journey] = (marks[feedback.journey], monotonic())
                continue
            async with session_factory(self.engine)() as session, session.begin():
                await pause(session, f"journey:{feedback.journey}", SYSTEM, fault=Fault(BREAKER, reason))
            log.warning("a journey is paused by the breaker", journey=feedback.journey, **reason)

    def _counted_lately(self, journey: str, mark: tuple[FeedbackMark, Bounds]) -> bool:
        """Whether it was within the bounds, and no more has been said since: what was sent since makes rates smaller.
        As messages leave the window as well, it is counted again after a while."""
        before, at = self._within.get(journey, (None, 0.0))
        return before == mark and monotonic() - at < RECOUNT

    async def _try_again(self, pause: Pause) -> None:
        """Resume a step that is paused for a fault, where something was changed since."""
        async with session_factory(self.engine)() as session, session.begin():
            basis = await basis_of(session, pause.journey or "", pause.step or "")
            before, self._changed[pause.what] = self._changed.get(pause.what), basis
            if basis == pause.basis or basis != before:
                return
            if not await end_pause(session, pause.what, SYSTEM):
                return
        log.info("a paused step is tried again, for something was changed", what=pause.what)
        await self._let_go("release", Choice.waiting_for(pause.what), {"late": "now"})
        if failing := Choice.failing_at(pause.what):
            await self._let_go("retry", failing, {})

    async def _let_go(self, act: Act, choice: Choice, more: Mapping[str, Any]) -> None:
        operation = uuid4()
        new = NewOperation(operation, act, {**choice.as_json(), **more}, "", PER_SECOND, SYSTEM.who)
        if not await write_operation(self.engine, new, partial(freeze, act=act, choice=choice), SYSTEM):
            return
        try:
            await self.runs.start_operation(operation, PER_SECOND)
        except (RPCError, OSError):
            async with self.engine.begin() as db:
                await turn_operation(db, operation, "cancelled")
            raise
