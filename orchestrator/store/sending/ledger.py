"""The ledger of sends: what a delivery needs to know, in one read; and its steps, each one atomic statement.

``claimed`` is written before a provider is called and names the process that calls. A row is only ever taken over from
the state in which it was read (compare and set), so that of two deliveries of the same send one goes on.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.conditions.evaluate import evaluate
from orchestrator.core.conditions.model import Condition
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.sending.frequency import Counted
from orchestrator.core.timing import REAL_TIME, Clock
from orchestrator.store.connection_pool import DirectConnection, direct
from orchestrator.store.customers.contacts import DEVICES
from orchestrator.store.customers.view import asked_segments, history_names, history_since, load_view
from orchestrator.store.database import dump_json

_READ = f"""
select r.journey_key, r.plan_hash, r.customer_id as run_customer, r.entered_at,
    r.finished_at is not null or r.ending is not null as run_over, coalesce(r.reason, r.ending) as run_reason,
    c.id as customer_id, c.external_id, c.email, c.phone, c.locale, c.time_zone, c.stage,
    c.attributes, c.tags, c.consents, c.consented_at, c.created_at as known_since, j.status as journey,
    (select count(*) from customers m where m.merged_into = c.id) as merges,
    exists (select from complaints k where k.customer_id = c.id and k.resolved_at is null) as complaint,
    {DEVICES} as devices,
    w.time_zone as workspace_zone, w.locale as workspace_locale, w.settings as workspace_settings,
    w.day_seconds, w.clock_real, w.clock_journey,
    e.message_id as entry_id, e.name as entry_name, e.occurred_at as entry_at, e.properties as entry_properties,
    l.message_id as event_id, l.name as event_name, l.occurred_at as event_at, l.properties as event_properties,
    s.status, s.reason, s.channel, s.provider, s.hold_until, s.created_at as first_at, s.inputs -> 'claim' as claim
from runs r
left join customers was on was.id = r.customer_id
left join customers c on c.id = coalesce(was.merged_into, was.id)
left join journeys j on j.key = r.journey_key
left join workspace w on w.id = 1
left join events e on e.message_id = r.entry_message_id
left join events l on l.message_id = %(event)s
left join sends s on s.id = %(id)s
where r.id = %(run)s
"""
# A row may be written over as it was seen: never claimed, or claimed by whom it was seen to be. What was sent stays.
_WRITE = """
insert into sends (id, run_id, journey_key, step, occurrence, customer_id, message_class, status, reason, channel,
    provider, inputs, content, attempts, hold_until, template, template_revision, created_at, tags, counted_at)
values (%(id)s, %(run)s, %(journey)s, %(step)s, %(occurrence)s, %(customer)s, %(message_class)s, %(status)s, %(reason)s,
    %(channel)s, %(provider)s, %(inputs)s::jsonb, %(content)s::jsonb, %(attempt)s, %(hold_until)s, %(template)s,
    %(template_revision)s, %(now)s, %(tags)s::jsonb, %(counted_at)s)
on conflict (id) do update set status = excluded.status, reason = excluded.reason, channel = excluded.channel,
    provider = coalesce(excluded.provider, sends.provider), inputs = excluded.inputs,
    content = case when excluded.content = '{}' then sends.content else excluded.content end,
    attempts = sends.attempts + %(attempt)s, hold_until = excluded.hold_until,
    template = excluded.template, template_revision = excluded.template_revision, tags = excluded.tags,
    counted_at = case when excluded.status = 'unknown' then sends.counted_at else excluded.counted_at end
where sends.status in ('held', 'failed') or (sends.status = 'claimed' and sends.inputs -> 'claim' = %(seen)s::jsonb)
returning id
"""
_SETTLE = """
update sends set status = %(status)s, reason = %(reason)s, provider_message_id = %(provider_message_id)s,
    sent_at = %(sent_at)s, inputs = inputs || %(more)s::jsonb, counted_at = case when %(counts)s then counted_at end
where id = %(id)s and (status = 'claimed' or (status = 'unknown' and %(sent)s))
"""
_INTERRUPT = """
update sends set status = 'unknown', reason = %(reason)s, inputs = inputs || %(more)s::jsonb
where id = %(id)s and status = 'claimed' and inputs -> 'claim' = %(seen)s::jsonb
returning id
"""
# As ``store.presence`` has it: a process that is gone holds its lock no more.
_INPUTS = "select inputs from sends where id = %s"
_LIVES = "select where not pg_try_advisory_xact_lock(%s::bigint)"
# What a claim rested on, once it is there for everybody to see.
_BASIS = """
select c.id, c.consents, (select count(*) from customers m where m.merged_into = c.id) as merges,
    w.settings -> 'sending' as sending
from customers was join customers c on c.id = coalesce(was.merged_into, was.id) left join workspace w on w.id = 1
where was.id = %(customer)s
"""
# A send that was under way while its customer was merged may still be written under who they were.
_COUNTED = """
select id, counted_at, channel, message_class, tags from sends
where counted_at > %(since)s and message_class = any(%(classes)s::text[])
    and (customer_id = %(customer)s or customer_id in (select id from customers where merged_into = %(customer)s))
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Which send: what its id is derived from, and the row's fixed columns."""

    id: UUID
    run: UUID
    step: str
    occurrence: int


@dataclass(frozen=True, slots=True)
class DecisionInputs:
    """What the store knows that matters to one send. ``row`` has the columns of the read."""

    row: Mapping[str, Any]
    entry: CustomerEvent | None
    event: CustomerEvent | None

    @property
    def status(self) -> str | None:
        """Of the ledger's row; None where there is none yet."""
        status: str | None = self.row["status"]
        return status

    @property
    def clock(self) -> Clock:
        """The workspace's."""
        if self.row["clock_real"] is None:
            return REAL_TIME
        return Clock(self.row["day_seconds"] or 86_400.0, self.row["clock_real"], self.row["clock_journey"])

    @property
    def claim(self) -> Mapping[str, Any]:
        """Who claimed it last (``by``) and when (``at``, real time)."""
        return self.row["claim"] or {}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line to write: the decision, and for a claim what is about to be sent."""

    message_class: str
    status: str
    now: datetime
    inputs: Mapping[str, Any]
    reason: str = ""
    channel: str | None = None
    provider: str | None = None
    content: Mapping[str, Any] = field(default_factory=dict)
    hold_until: datetime | None = None
    template: str | None = None
    template_revision: int | None = None
    """Whose words they are, where they are not the step's own."""
    tags: tuple[str, ...] = ()
    counts: bool = False
    """Whether it is a message to the customer, so that frequency caps count it once it is claimed."""


class Ledger:
    """Every statement commits by itself, so that nothing is open while a provider is being called."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._direct = direct(engine)

    @asynccontextmanager
    async def page(self) -> AsyncIterator["Page"]:
        """A connection, for some statements in a row. Whoever has one takes no other of the kind: they are few."""
        async with self._direct.connection() as db:
            yield Page(db, self._engine)


class Page:
    """What is done with the ledger, statement by statement."""

    def __init__(self, db: DirectConnection, engine: AsyncEngine) -> None:
        self._db = db
        self._engine = engine

    async def read(self, place: Place, event: str) -> DecisionInputs | None:
        """What is known now; None where the run has no row. ``event``: message id of the run's last event, or empty."""
        found = await self._db.execute(_READ, {"id": place.id, "run": place.run, "event": event})
        row = await found.fetchone()
        return None if row is None else DecisionInputs(row, _happening(row, "entry"), _happening(row, "event"))

    async def holds(
        self, condition: Condition, customer: UUID, now: datetime, entry: CustomerEvent | None, time_zone: str
    ) -> bool:
        """Whether a bound condition is true of the customer now."""
        async with self._engine.connect() as db:
            asked = (condition,)
            since, inside = history_since(asked, now), asked_segments(asked)
            view = await load_view(db, customer, history_names(asked), time_zone, since, inside)
        return evaluate(condition, view, now, entry).truth

    async def inputs(self, place: Place) -> Mapping[str, Any]:
        """What the row keeps of the decision and of what came back."""
        row = await (await self._db.execute(_INPUTS, (place.id,))).fetchone()
        return row["inputs"] if row else {}

    async def claimant_lives(self, seen: DecisionInputs) -> bool:
        """Whether the process that claimed the row is still there."""
        found = await self._db.execute(_LIVES, (int(seen.claim.get("by", 0)),))
        return await found.fetchone() is not None

    async def counted(self, customer: UUID, since: datetime, classes: Collection[str]) -> tuple[Counted, ...]:
        """What frequency caps count of a customer: claimed, sent or perhaps sent after ``since``."""
        values = {"customer": customer, "since": since, "classes": list(classes)}
        rows = await (await self._db.execute(_COUNTED, values)).fetchall()
        return tuple(
            Counted(str(row["id"]), row["counted_at"], row["channel"], row["message_class"], tuple(row["tags"]))
            for row in rows
        )

    async def write(self, place: Place, seen: DecisionInputs, entry: Entry) -> bool:
        """Write a line over what was seen. False when the row has changed since: read again."""
        values = {
            "id": place.id,
            "run": place.run,
            "journey": seen.row["journey_key"],
            "step": place.step,
            "occurrence": place.occurrence,
            "customer": seen.row["customer_id"] or seen.row["run_customer"],
            "message_class": entry.message_class,
            "status": entry.status,
            "reason": entry.reason,
            "channel": entry.channel,
            "provider": entry.provider,
            "inputs": dump_json(dict(entry.inputs)),
            "content": dump_json(dict(entry.content)),
            "attempt": int(entry.status == "claimed"),
            "hold_until": entry.hold_until,
            "template": entry.template,
            "template_revision": entry.template_revision,
            "now": entry.now,
            "tags": dump_json(list(entry.tags)),
            "counted_at": entry.now if entry.counts and entry.status == "claimed" else None,
            "seen": _claim(seen),
        }
        return await (await self._db.execute(_WRITE, values)).fetchone() is not None

    async def still_stands(self, seen: DecisionInputs) -> bool:
        """Whether who the customer is, what they consented to and the rules of sending are as they were seen."""
        if seen.row["customer_id"] is None:
            return True
        found = await self._db.execute(_BASIS, {"customer": seen.row["customer_id"]})
        now, was = await found.fetchone(), seen.row
        if now is None:
            return False
        before = (was["workspace_settings"] or {}).get("sending")
        return bool(
            (now["id"], now["merges"], now["consents"], now["sending"])
            == (was["customer_id"], was["merges"], was["consents"], before)
        )

    async def interrupted(self, place: Place, seen: DecisionInputs, reason: str, more: Mapping[str, Any]) -> bool:
        """Nobody will say what became of a claim. False when the row has changed since it was seen."""
        values = {"id": place.id, "reason": reason, "more": dump_json(dict(more)), "seen": _claim(seen)}
        return await (await self._db.execute(_INTERRUPT, values)).fetchone() is not None

    async def settle(
        self,
        place: Place,
        status: str,
        reason: str = "",
        provider_message_id: str | None = None,
        sent_at: datetime | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """What became of a claimed send. That it was sent is true even if somebody took it for lost meanwhile."""
        values = {
            "id": place.id,
            "status": status,
            "reason": reason,
            "provider_message_id": provider_message_id,
            "sent_at": sent_at,
            "sent": status == "sent",
            "counts": status != "failed",
            "more": dump_json(dict(more or {})),
        }
        await self._db.execute(_SETTLE, values)


def _claim(seen: DecisionInputs) -> str | None:
    return dump_json(dict(seen.claim)) if seen.claim else None


def _happening(row: Mapping[str, Any], which: str) -> CustomerEvent | None:
    if row[f"{which}_id"] is None:
        return None
    return CustomerEvent(row[f"{which}_id"], row[f"{which}_name"], row[f"{which}_at"], row[f"{which}_properties"])
