"""Entries that come due by a date or a schedule: once a minute, all that has become due since the last look.

Nobody is looked at but where the time of day of a trigger has just come round: in one zone, once a day. What a worker
that was away has missed is made up for, for a day; a birthday of last week is not.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from temporalio import activity

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import ENTRY_DUE
from orchestrator.core.journey.due_triggers import (
    DateTrigger,
    DueTrigger,
    ScheduleTrigger,
    anybody_due,
    due_between,
    due_message,
    due_properties,
)
from orchestrator.core.journey.plan import Plan
from orchestrator.core.timing import known_zones, zone
from orchestrator.store.journeys.due_rounds import (
    FIRST,
    Candidate,
    Zones,
    audience,
    dated,
    looked,
    looked_until,
    offer,
)
from orchestrator.store.runs.live_plans import LivePlans
from orchestrator.store.runs.requests import Request
from orchestrator.store.workspace import read_clock

log = structlog.get_logger()

EVERY = timedelta(minutes=1)
"""Between two rounds, real time (``workflows.rounds.due_entries``)."""
LATE = timedelta(days=1)
"""How long what was missed is made up for."""


@dataclass(frozen=True, slots=True)
class _Round:
    """One look at one trigger: what has become due after an instant, until now."""

    plan: Plan
    trigger: DueTrigger
    zone: str
    after: datetime
    now: datetime


class DueEntries:
    """One for a worker. ``time_zone``: the workspace's."""

    def __init__(self, engine: AsyncEngine, time_zone: str) -> None:
        self._engine = engine
        self._zone = time_zone
        self._plans = LivePlans()

    @activity.defn(name="offer_due_entries")
    async def offer(self) -> dict[str, int]:
        """One round, as an activity: how many were offered, by journey; nothing where nobody was."""
        async with self._engine.connect() as db:
            clock = await read_clock(db)
        late = max(LATE, 3 * EVERY * clock.speed)  # where a day passes in seconds, rounds are days apart
        return await self.once(clock.now(), activity.heartbeat, late)

    async def once(
        self, now: datetime, alive: Callable[[], None] = lambda: None, late: timedelta = LATE
    ) -> dict[str, int]:
        """Offer all that has become due until ``now`` (journey time). One trigger's failure keeps no other waiting."""
        async with self._engine.connect() as db:
            plans, _ = await self._plans.load(db)
        offered: dict[str, int] = {}
        failure: Exception | None = None
        for plan in [live.plan for live in plans]:
            for trigger in plan.journey.entry.triggers:
                if not isinstance(trigger, DateTrigger | ScheduleTrigger):
                    continue
                try:
                    count = await self._look(plan, trigger, now, late, alive)
                except Exception as error:
                    log.error("due entries not offered", journey=plan.key, error=type(error).__name__)
                    failure = error
                    continue
                if count:
                    offered[plan.key] = offered.get(plan.key, 0) + count
        if failure is not None:
            raise failure
        return offered

    async def _look(
        self, plan: Plan, trigger: DueTrigger, now: datetime, late: timedelta, alive: Callable[[], None]
    ) -> int:
        done = await looked_until(self._engine, plan.key, trigger.identity, now)
        one, count = _Round(plan, trigger, self._zone, max(done, now - late), now), 0
        zones = _zones(one)
        if zones.names or zones.own:
            after = FIRST
            async with self._engine.connect() as db:
                while found := await self._candidates(db, one, zones, after):
                    after = found[-1].id
                    count += await offer(self._engine, [due for each in found for due in _due(one, each)], now)
                    alive()
        await looked(self._engine, plan.key, trigger.identity, now)
        return count

    async def _candidates(self, db: AsyncConnection, one: _Round, zones: Zones, after: UUID) -> list[Candidate]:
        if isinstance(one.trigger, DateTrigger):
            return await dated(db, one.trigger.attribute, zones, after)
        properties: dict[str, Any] = due_properties(one.plan.key, one.trigger, one.now.date())
        event = CustomerEvent("", ENTRY_DUE, one.now, properties)
        return await audience(db, one.plan.journey.entry.filter, zones, after, one.now, event)


def _zones(one: _Round) -> Zones:
    """Where the trigger's time of day has come round since the last look."""
    own, known = zone(one.zone), known_zones()
    due = [name for name in known if anybody_due(one.trigger, zone(name), own, one.after, one.now)]
    return Zones(due, anybody_due(one.trigger, own, own, one.after, one.now), known)


def _due(one: _Round, who: Candidate) -> list[Request]:
    own = zone(one.zone)
    found = due_between(one.trigger, who.value, zone(who.time_zone, one.zone), own, one.after, one.now)
    return [
        Request(
            due_message(one.plan.key, one.trigger, str(who.id), due.day),
            who.id,
            due_properties(one.plan.key, one.trigger, due.day),
            ENTRY_DUE,
            due.at,
        )
        for due in found
    ]
