"""What a run books: one statement for what is recorded and listened for, more only where more is asked.

Carrying out a booking twice has the effect of once, because Temporal promises an activity at least once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.commands import Book, Change, Interest, Transition
from orchestrator.core.evaluation import evaluate
from orchestrator.core.events import Booked, Happening
from orchestrator.core.facts import fact
from orchestrator.core.profile import apply_change
from orchestrator.core.routing import by_time, consequences
from orchestrator.store.customer_view import EVERYTHING, history_names, load_view

EVENTS_CHANNEL = "sojourn_events"
"""PostgreSQL channel that tells the router of new events."""

_RECORD = text("""
with me as (
    select r.customer_id, r.workflow_id, r.journey_key, c.stage as customer_stage, c.time_zone
    from runs r left join customers c on c.id = r.customer_id where r.id = :run
), recorded as (
    insert into transitions (run_id, seq, journey_key, customer_id, at, what, step, occurrence, port, note)
    select :run, t.seq, me.journey_key, me.customer_id, t.at, t.what, t.step, t.occurrence, t.port, t.note
    from me, jsonb_to_recordset(cast(:transitions as jsonb)) as t(
        seq int, at timestamptz, what text, step text, occurrence int, port text, note jsonb)
    on conflict do nothing
), listened as (
    insert into listening (customer_id, event_name, run_id, workflow_id)
    select me.customer_id, name, :run, me.workflow_id from me, unnest(cast(:listen as text[])) as name
    on conflict do nothing
), forgotten as (
    delete from listening where run_id = :run and (:over or event_name = any(cast(:unlisten as text[])))
), stood as (
    update runs set
        status = case when finished_at is not null or :over then 'finished' else 'running' end,
        step = :step,
        stage = coalesce(:stage, stage),
        waiting_until = cast(:waiting_until as timestamptz),
        finished_at = case when :over then coalesce(finished_at, cast(:now as timestamptz)) else finished_at end,
        reason = coalesce(:reason, reason),
        closing_run_id = coalesce(:closing_run_id, closing_run_id)
    where id = :run
)
select customer_id, customer_stage, time_zone from me
""")
_READ_BACK = text("""
select e.message_id, e.name, e.occurred_at, e.properties
from unnest(cast(:names as text[]), cast(:since as timestamptz[])) as asked(name, since)
join events e on e.customer_id = :customer and e.name = asked.name and e.occurred_at >= asked.since
""")
_EMIT = text("""
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at)
values (:message_id, :customer, 'system', :name, cast(:properties as jsonb), '{}', :at, :now)
on conflict do nothing
""")
_SET_STAGE = text("update customers set stage = :stage, stage_since = :now, updated_at = :now where id = :customer")
_LOCK_PROFILE = text("select attributes, consents, tags from customers where id = :customer for update")
_CLAIM_CHANGES = text("""
insert into applied_changes (id, at) select id, :now from unnest(cast(:ids as text[])) as id
on conflict do nothing returning id
""")
_SET_PROFILE = text("""
update customers set attributes = cast(:attributes as jsonb), consents = cast(:consents as jsonb),
    tags = cast(:tags as jsonb), updated_at = :now
where id = :customer
""")
_NOTIFY = text("select pg_notify(:channel, '')")


class UnknownRun(LookupError):
    """There is no such run: its row was never written, or was erased."""


@dataclass(frozen=True)
class Bookings:
    """Carries out bookings on one database. ``time_zone``: of customers whose own is not known."""

    engine: AsyncEngine
    time_zone: str = "Asia/Seoul"

    async def carry_out(self, run: UUID, book: Book, now: datetime, closing_run_id: str | None = None) -> Booked:
        """Record, change and emit in one transaction; then read back and answer.

        The interest is committed before anything is read back: an event that is stored after the read-back meets a
        listener, one stored before it is read.
        """
        more = bool(book.changes or book.emit or book.stage)
        async with self.engine.connect() as db:
            if not more:  # a single statement is its own transaction, and one round trip
                await db.execution_options(isolation_level="AUTOCOMMIT")
            me = (await db.execute(_RECORD, _recording(run, book, now, closing_run_id))).one_or_none()
            if me is None:
                raise UnknownRun(str(run))
            if more:
                await _change(db, run, me.customer_id, me.customer_stage, book, now)
                await db.commit()
            return await self._answer(db, me.customer_id, me.time_zone or self.time_zone, book, now)

    async def _answer(self, db: AsyncConnection, customer: UUID, zone: str, book: Book, now: datetime) -> Booked:
        heard = await _read_back(db, customer, book.listen)
        if not book.ask and all(asked.kind == "zone" for asked in book.facts):
            return Booked(now, heard, facts=tuple(zone for _ in book.facts))
        names = history_names(book.ask) | {asked.name for asked in book.facts if asked.kind == "own_interval"}
        whole = any(asked.kind == "best_hour" for asked in book.facts)
        view = await load_view(db, customer, EVERYTHING if whole else names, self.time_zone)
        verdicts = [evaluate(condition, view, book.as_of or now, book.entry) for condition in book.ask]
        until = min((verdict.until for verdict in verdicts if verdict.until is not None), default=None)
        facts = tuple(fact(asked, view, now) for asked in book.facts)
        return Booked(now, heard, tuple(verdict.truth for verdict in verdicts), until, facts)


def _recording(run: UUID, book: Book, now: datetime, closing_run_id: str | None) -> dict[str, Any]:
    return {
        "run": run,
        "transitions": orjson.dumps([_transition(one) for one in book.transitions]).decode(),
        "listen": [interest.name for interest in book.listen],
        "unlisten": list(book.unlisten),
        "over": book.ended is not None,
        "step": book.step,
        "stage": book.stage,
        "waiting_until": book.waiting_until,
        "now": now,
        "reason": book.ended,
        "closing_run_id": closing_run_id if book.ended is not None else None,
    }


def _transition(one: Transition) -> dict[str, Any]:
    return {
        "seq": one.seq,
        "at": one.at.astimezone(UTC).isoformat(),
        "what": one.what,
        "step": one.step,
        "occurrence": one.occurrence,
        "port": one.port,
        "note": one.note,
    }


async def _read_back(db: AsyncConnection, customer: UUID, listen: Sequence[Interest]) -> tuple[Happening, ...]:
    asked = [(interest.name, interest.since) for interest in listen if interest.since is not None]
    if not asked:
        return ()
    given = {"customer": customer, "names": [name for name, _ in asked], "since": [since for _, since in asked]}
    rows = await db.execute(_READ_BACK, given)
    return by_time(Happening(row.message_id, row.name, row.occurred_at, row.properties) for row in rows)


async def _change(
    db: AsyncConnection, run: UUID, customer: UUID, stage_before: str | None, book: Book, now: datetime
) -> None:
    """Profile, stage, and the events that tell of both and of what the run emits."""
    if book.changes:
        await _apply(db, customer, book.changes, now)
    for happening in consequences(book, str(run), stage_before, now):
        properties = orjson.dumps(happening.properties, option=orjson.OPT_NON_STR_KEYS).decode()
        given = {"message_id": happening.message_id, "customer": customer, "name": happening.name}
        await db.execute(_EMIT, {**given, "properties": properties, "at": happening.occurred_at, "now": now})
    if book.stage is not None and book.stage != stage_before:
        await db.execute(_SET_STAGE, {"stage": book.stage, "now": now, "customer": customer})
    await db.execute(_NOTIFY, {"channel": EVENTS_CHANNEL})


async def _apply(db: AsyncConnection, customer: UUID, changes: Sequence[Change], now: datetime) -> None:
    """Apply those changes that have not been applied before; the lock keeps two runs' increments apart."""
    profile = (await db.execute(_LOCK_PROFILE, {"customer": customer})).one_or_none()
    claimed = await db.execute(_CLAIM_CHANGES, {"ids": [change.id for change in changes], "now": now})
    fresh = {row.id for row in claimed}
    if profile is None or not fresh:
        return
    attributes, consents, tags = dict(profile.attributes), dict(profile.consents), list(profile.tags)
    for change in changes:
        if change.id in fresh:
            apply_change(change, attributes, consents, tags)
    given = {"attributes": attributes, "consents": consents, "tags": tags}
    encoded = {name: orjson.dumps(value).decode() for name, value in given.items()}
    await db.execute(_SET_PROFILE, {**encoded, "now": now, "customer": customer})
