"""The night's work on traits: everybody counted anew, models fitted to all orders, each customer's figures by them.

Customers are taken in chunks, each its own transaction, so that nobody's events wait for more than a chunk. What is
repeated after a crash writes the same. Only those of whom a run waits to hear are told (``Customer Updated``): the
figures of all others move a little every night, and nobody asks when.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity

from orchestrator.core.timing import zone
from orchestrator.core.traits.compute import best_hour, order_days
from orchestrator.core.traits.definition import NIGHTLY
from orchestrator.store.connection_pool import direct
from orchestrator.store.traits.counting import (
    Computing,
    Connection,
    count_traits,
    load_computing,
    tell_changes,
    who_waits,
)
from orchestrator.store.traits.nightly import (
    CHUNK,
    FIRST,
    customers_after,
    hours_of_acts,
    keep_model,
    write_figures,
)
from orchestrator.store.workspace import read_clock

if TYPE_CHECKING:
    from orchestrator.core.traits.models.night import Columns

log = structlog.get_logger()

RECENT = timedelta(days=90)
"""How far back the best hour looks."""


@dataclass(frozen=True)
class TraitActivities:
    """One for a worker."""

    engine: AsyncEngine

    @activity.defn(name="refresh_traits")
    async def refresh(self) -> dict[str, int]:
        """One night's work, as an activity: how many customers there are, and of how many something changed."""
        async with self.engine.connect() as db:
            now = (await read_clock(db)).now()
        return await self.once(now, activity.heartbeat)

    async def once(self, now: datetime, alive: Callable[[], None] = lambda: None) -> dict[str, int]:
        """Count everybody as of ``now`` (journey time), learn, and write down what was learned."""
        async with direct(self.engine).connection() as db:
            computing = await load_computing(db)
        if computing is None:
            return {}
        from orchestrator.core.traits.models.night import Columns, learn  # numpy and scipy: only where they are wanted

        columns, hours, told = Columns(), dict[UUID, int](), dict[str, int]()
        await self._count_all(computing, now, columns, hours, told, alive)
        night = await asyncio.to_thread(learn, columns)
        alive()
        figures = {customer: night.of_customer(row) for row, customer in enumerate(night.ids)}
        for customer, hour in hours.items():
            figures.setdefault(customer, {})["best_hour"] = hour
        told["changed"] += await self._write_all(computing, now, figures, alive)
        await keep_model(self.engine, len(night.ids), night.problem, night.report, now)
        log.info("traits refreshed", **told, problem=night.problem)
        return told

    async def _count_all(
        self,
        computing: Computing,
        now: datetime,
        columns: "Columns",
        hours: dict[UUID, int],
        told: dict[str, int],
        alive: Callable[[], None],
    ) -> None:
        tz, after = zone(computing.zone), FIRST
        today = now.astimezone(tz).date()
        told |= {"customers": 0, "changed": 0}
        async with direct(self.engine).connection() as db:
            while chunk := await customers_after(db, after):
                after = chunk[-1]
                async with db.transaction():
                    found = await count_traits(db, chunk, computing, now)
                    changes = {customer: one.changes for customer, one in found.items() if one.changes}
                    await self._tell(db, changes, now)
                for customer, one in found.items():
                    columns.add(customer, order_days(computing.settings.orders, one.log, now, tz), today)
                acts = await hours_of_acts(db, chunk, now - RECENT, now, computing.zone)
                hours |= {
                    customer: hour for customer in chunk if (hour := best_hour(acts.get(customer, {}))) is not None
                }
                told["customers"] += len(chunk)
                told["changed"] += len(changes)
                alive()

    async def _write_all(
        self, computing: Computing, now: datetime, figures: Mapping[UUID, dict[str, Any]], alive: Callable[[], None]
    ) -> int:
        """Of everybody, also of those who have no figures any more; of how many something changed."""
        as_of, after, changed = now.astimezone(zone(computing.zone)).date().isoformat(), FIRST, 0
        async with direct(self.engine).connection() as db:
            while chunk := await customers_after(db, after, CHUNK):
                after = chunk[-1]
                own = {customer: figures.get(customer, {}) for customer in chunk}
                own = {customer: {**told, "as_of": as_of} if told else {} for customer, told in own.items()}
                async with db.transaction():
                    written = await write_figures(db, own, NIGHTLY, now)
                    await self._tell(db, {customer: own[customer] for customer in written}, now)
                changed += len(written)
                alive()
        return changed

    async def _tell(self, db: Connection, changes: Mapping[UUID, Mapping[str, Any]], now: datetime) -> None:
        """Those of whom a run waits to hear."""
        waiting = await who_waits(db, changes.keys())
        told = {customer: changed for customer, changed in changes.items() if customer in waiting}
        await tell_changes(db, told, now.isoformat(), now)
