"""One run as the store has it: its trace, its messages, its customer, and all that happened to them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.commands import Transition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.journey.template_use import templates_of
from orchestrator.core.recordings.recorded_run import RecordedEvent, RecordedRun, RecordedSend
from orchestrator.settings import Settings
from orchestrator.store.customers.sample import load_person
from orchestrator.store.database import session_factory
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.templates.source import load_named
from orchestrator.store.workspace import clock_of, load_workspace, zone_of

MOST_EVENTS = 2_000
"""Of a customer, before the run and during it: the nearest to its beginning."""
_RUN = text("""
select r.id, r.plan_hash, r.version, r.key, r.entered_at, r.finished_at, r.entry_message_id,
    coalesce(c.merged_into, c.id) as customer_id, e.occurred_at as began
from runs r join customers c on c.id = r.customer_id left join events e on e.message_id = r.entry_message_id
where r.id = :run
""")
_LINES = text("select seq, at, what, step, occurrence, port, note from transitions where run_id = :run order by seq")
_SENDS = text("""
select s.step, s.occurrence, coalesce(s.channel, '') as channel, s.status, s.reason,
    coalesce(s.sent_at, s.created_at) as at, s.inputs
from runs r join sends s on s.customer_id = r.customer_id and s.run_id = r.id
where r.id = :run and s.step is not null order by at, s.step
""")
_BEFORE = text("""
select message_id, name, occurred_at, properties, received_at from events
where customer_id = :customer and occurred_at < :began order by occurred_at desc, seq desc limit :most
""")
_SINCE = text("""
select message_id, name, occurred_at, properties, received_at from events
where customer_id = :customer and occurred_at >= :began and occurred_at <= :end order by occurred_at, seq limit :most
""")


async def load_recorded_run(engine: AsyncEngine, run: UUID, settings: Settings) -> RecordedRun | None:
    """A run with all that happened; None where there is none, or its customer was erased."""
    async with session_factory(engine)() as session:
        workspace = await load_workspace(session)
    now, zone = clock_of(workspace).now(), zone_of(workspace, settings)
    async with engine.connect() as db:
        row = (await db.execute(_RUN, {"run": run})).one_or_none()
        if row is None:
            return None
        began = row.began or row.entered_at
        lines = tuple(Transition(*line) for line in await db.execute(_LINES, {"run": run}))
        sends = tuple(RecordedSend(*send) for send in await db.execute(_SENDS, {"run": run}))
        before, events = await _events(db, row.customer_id, began, row.finished_at or now)
    plan = await Plans(engine).get(row.plan_hash)
    person = await load_person(engine, row.customer_id, now, zone)
    if person is None:
        return None
    async with engine.connect() as db:
        templates = await load_named(db, templates_of(plan.journey))
    return RecordedRun(
        str(row.id),
        plan,
        row.version,
        row.key,
        row.entry_message_id or "",
        began,
        max(now, lines[-1].at) if lines else now,
        row.finished_at,
        lines,
        sends,
        before,
        events,
        person,
        workspace.settings if workspace else {},
        workspace.locale if workspace else settings.workspace_locale,
        templates,
    )


async def _events(
    db: AsyncConnection, customer: UUID, began: datetime, end: datetime
) -> tuple[tuple[CustomerEvent, ...], tuple[RecordedEvent, ...]]:
    given: dict[str, Any] = {"customer": customer, "began": began, "end": end, "most": MOST_EVENTS}
    before = [CustomerEvent(*row[:4]) for row in await db.execute(_BEFORE, given)]
    since = [RecordedEvent(CustomerEvent(*row[:4]), row.received_at) for row in await db.execute(_SINCE, given)]
    return tuple(reversed(before)), tuple(since)
