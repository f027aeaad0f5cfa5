"""One customer as people look at them: a profile, and the timeline of all that happened to them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal, get_args
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.characters import comparable
from orchestrator.store.statements import Filtered, plan_of_line, plan_of_visit

SELECT = """
select c.id, c.external_id, c.email, c.phone, c.locale, c.time_zone, c.attributes, c.tags, c.consents, c.stage,
    c.stage_since, c.created_at, c.consented_at,
    (select count(*) from runs r where r.customer_id = c.id and r.finished_at is null) as live
from customers c
"""
_MERGED = text("select merged_into from customers where id = :id")
_EXISTS = text("select 1 from customers where id = :id")
_BY_EXTERNAL_ID = text("""
select id from (
    select id, 0 as rank from customers where external_id = :given
    union all
    select customer_id, case kind when 'user' then 1 else 2 end from identities
    where kind in ('user', 'anonymous') and value = :given
) as known
order by rank limit 1
""")
"""The shop's id as it is now, else any by which they were ever known: after an alias the old one means the same."""
_IDENTITIES = text("select kind, value from identities where customer_id = :id order by kind desc, value limit 50")

_EVENTS = text("""
select message_id as id, name, kind, properties, occurred_at as at, seq from events
where customer_id = :customer and occurred_at < :before order by occurred_at desc, seq desc limit :limit
""")
_ENTRIES = text("""
select d.id, d.journey_key, d.version, d.at, d.admitted, d.reason, d.detail, d.run_id, e.name as event
from entry_decisions d left join events e on e.message_id = d.message_id
where d.customer_id = :customer and d.at < :before order by d.at desc limit :limit
""")
_STEPS = text(f"""
select t.run_id, t.seq, t.journey_key, t.at, t.what, t.step, t.occurrence, t.port, t.note,
    {plan_of_line("t")} as plan_hash
from runs r join transitions t on t.run_id = r.id
where r.customer_id = :customer and t.at < :before order by t.at desc, t.seq desc limit :limit
""")
_SENDS = text(f"""
select s.id, s.run_id, s.journey_key, s.step, s.occurrence, s.message_class, s.status, s.reason, s.channel, s.inputs,
    s.content, s.hold_until, coalesce(s.sent_at, s.created_at) as at, {plan_of_visit("s")} as plan_hash,
    o.id is not null as in_outbox
from sends s left join runs r on r.id = s.run_id left join outbox o on o.id = s.id
where s.customer_id = :customer and coalesce(s.sent_at, s.created_at) < :before
order by at desc limit :limit
""")
_CONSENTS = text("""
select l.id, l.name, l.granted, l.at, l.source as said_by, l.evidence, l.act, l.counts from consent_log l
where l.customer_id = :customer and l.at < :before order by l.at desc, l.id desc limit :limit
""")
_NOTES = text("""
select n.id, n.body, n.author, n.at from customer_notes n
where n.customer_id = :customer and n.at < :before order by n.at desc, n.id desc limit :limit
""")


@dataclass(frozen=True)
class CustomerRow:
    """One customer. ``live``: runs under way."""

    id: UUID
    external_id: str | None
    email: str | None
    phone: str | None
    locale: str | None
    time_zone: str | None
    attributes: dict[str, Any]
    tags: list[str]
    consents: dict[str, Any]
    stage: str | None
    stage_since: datetime | None
    created_at: datetime
    consented_at: dict[str, Any]
    live: int

    @property
    def name(self) -> str:
        """What to call them: their name, else whatever else they are known by."""
        said = self.attributes.get("name") or self.attributes.get("first_name")
        return str(said or self.external_id or self.email or self.phone or "")

    def consent_date(self, name: str) -> datetime | None:
        """When a consent was given or last confirmed."""
        try:
            return datetime.fromisoformat(self.consented_at[name])
        except (KeyError, TypeError, ValueError):
            return None


ONE = Filtered(f"{SELECT} {{where}}", {"id": "c.id = :id"}, ("c.merged_into is null",))

Source = Literal["event", "entry", "step", "send", "consent", "note"]
SOURCES: tuple[Source, ...] = get_args(Source)
_SOURCES: dict[Source, Any] = {
    "event": _EVENTS,
    "entry": _ENTRIES,
    "step": _STEPS,
    "send": _SENDS,
    "consent": _CONSENTS,
    "note": _NOTES,
}
_RANK: dict[Source, int] = {"event": 0, "consent": 1, "entry": 2, "step": 3, "send": 4, "note": 5}
"""In which order what happened in one instant is told: the cause before what followed."""


@dataclass(frozen=True)
class TimelineItem:
    """One thing that happened to a customer; ``row`` has the columns of its source."""

    source: Source
    at: datetime
    row: Any


async def load_customer(engine: AsyncEngine, identity: UUID) -> CustomerRow | None:
    """One customer, followed to whom they turned out to be; None where there is none."""
    async with engine.connect() as db:
        known = await _surviving(db, identity)
        row = (await db.execute(ONE.statement(("id",)), {"id": known})).one_or_none()
    return None if row is None else CustomerRow(*row)


async def find_customer(engine: AsyncEngine, given: str) -> UUID | None:
    """The customer whom an id means, ours or any of the shop's own, a visitor's too; followed to whom they turned out
    to be. Blanks around it are none of it, as in intake."""
    try:
        identity: UUID | None = UUID(given)
    except ValueError:
        identity = None
    async with engine.connect() as db:
        if identity is not None:
            known = await _surviving(db, identity)
            if (await db.execute(_EXISTS, {"id": known})).first() is not None:
                return known
        found = (await db.execute(_BY_EXTERNAL_ID, {"given": comparable(given)})).scalar_one_or_none()
        return None if found is None else await _surviving(db, found)


async def _surviving(db: AsyncConnection, identity: UUID) -> UUID:
    for _ in range(10):
        into = (await db.execute(_MERGED, {"id": identity})).scalar_one_or_none()
        if into is None:
            break
        identity = into
    return identity


async def load_identities(engine: AsyncEngine, identity: UUID) -> list[tuple[str, str]]:
    """Every id by which a customer is known: (``user`` or ``anonymous``, the id)."""
    async with engine.connect() as db:
        return [(row.kind, row.value) for row in await db.execute(_IDENTITIES, {"id": identity})]


async def load_timeline(
    engine: AsyncEngine,
    customer: UUID,
    *,
    sources: Sequence[Source] = SOURCES,
    before: datetime | None = None,
    limit: int = 100,
) -> tuple[list[TimelineItem], datetime | None]:
    """What happened to a customer, newest first, and the instant before which the next page lies (None: no more).

    A page never ends between two things of one instant.
    """
    given = {"customer": customer, "before": before or datetime(9999, 1, 1, tzinfo=UTC), "limit": limit + 1}
    found: list[TimelineItem] = []
    async with engine.connect() as db:
        for source in sources:
            found += [TimelineItem(source, row.at, row) for row in await db.execute(_SOURCES[source], given)]
    found.sort(key=lambda item: (item.at, _RANK[item.source], getattr(item.row, "seq", 0)), reverse=True)
    if len(found) <= limit:
        return found, None
    last = found[limit - 1].at
    return [item for item in found if item.at >= last], last
