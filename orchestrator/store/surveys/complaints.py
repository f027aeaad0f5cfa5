"""Complaints: opened by a low score, an event, a ticket or a person; while one is open, nobody advertises to them.

The check itself is one of ``core.sending.decide``; :data:`HAS_OPEN` is what the ledger's read asks. The customer's
attribute
``open_complaint`` says the same to conditions of journeys, so that a run can wait until the last one is resolved.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import orjson
from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.ids import complaint_id, derived_event_id
from orchestrator.core.events.system_events import COMPLAINT_OPENED, COMPLAINT_RESOLVED, CUSTOMER_UPDATED
from orchestrator.store.customer_names import CALLED
from orchestrator.store.customers.attribute_instants import attributes_said_at
from orchestrator.store.events.system_events import add_event
from orchestrator.store.events.unrouted import Unrouted
from orchestrator.store.pagination import Listing, Page

HAS_OPEN = "exists (select from complaints k where k.customer_id = c.id and k.resolved_at is null)"
"""Part of a statement in which ``c`` is the customer."""
ATTRIBUTE = "open_complaint"

Source = Literal["survey", "event", "ticket", "console"]

OPENED_BY, RESOLVED_BY = "opened_by", "resolved_by"
EVENTS: Mapping[str, tuple[str, ...]] = {
    OPENED_BY: (COMPLAINT_OPENED, "Support Ticket Opened"),
    RESOLVED_BY: (COMPLAINT_RESOLVED, "Support Ticket Closed", "Support Ticket Resolved"),
}
"""Names of the shop's events that open and resolve complaints, where the workspace says nothing else."""
REFERENCES = ("reference", "complaint", "complaint_id", "ticket", "ticket_id", "id")
"""Properties of such an event that may name the complaint, the first of them that is there."""
_MOST_NAMES = 20

_WHO = text("""
select c.id from customers was join customers c on c.id = coalesce(was.merged_into, was.id)
where was.id = :customer for no key update of c
""")
_OPEN = text("""
insert into complaints (id, customer_id, source, reference, detail, opened_at)
select :id, :customer, :source, :reference, :detail, :now
where not exists (  -- under an id that the customer had before a merge
    select from complaints where customer_id = :customer and source = :source and reference = :reference)
on conflict (id) do nothing returning id
""").bindparams(bindparam("detail", type_=JSONB))
_RESOLVE = text("""
update complaints set resolved_at = :now, resolved_by = :by
where customer_id = :customer and resolved_at is null
    and (cast(:id as uuid) is null or id = :id)
    and (cast(:reference as text) is null or reference = :reference or id::text = :reference)
returning id, source, reference
""")
_LEFT = text("select exists (select from complaints where customer_id = :customer and resolved_at is null)")
_SET = text("""
update customers set attributes = attributes || cast(:changed as jsonb), said_at = said_at || cast(:said_at as jsonb),
    updated_at = :now
where id = :customer and attributes -> 'open_complaint' is distinct from cast(:value as jsonb)
returning id
""")
_SELECT = f"""
select k.id, k.customer_id, k.source, k.reference, k.detail, k.opened_at, k.resolved_at, k.resolved_by,
    coalesce({CALLED}, '') as who,
    coalesce(a.comment, '') as comment
from complaints k
join customers c on c.id = k.customer_id
left join survey_responses a on k.source = 'survey' and a.id::text = k.reference
"""
_SET_NAMES = text("""
update workspace set settings = settings || jsonb_build_object('complaints', cast(:given as jsonb)) where id = 1
""")
_SETTINGS = text("select settings from workspace where id = 1")
_WHOSE = text("select customer_id from complaints where id = :id")
_COUNT = text("select count(*) from complaints where resolved_at is null")


@dataclass(frozen=True)
class ComplaintRow:
    """One complaint. ``who``: what to call the customer; ``comment``: what they wrote beside a low score."""

    id: UUID
    customer_id: UUID
    source: str
    reference: str
    detail: dict[str, Any]
    opened_at: datetime
    resolved_at: datetime | None
    resolved_by: str | None
    who: str
    comment: str


_COMPLAINTS = Listing(
    _SELECT,
    ComplaintRow,
    at="k.opened_at",
    id="k.id",
    conditions={
        "customer": "k.customer_id = :customer",
        "open": "k.resolved_at is null",
        "resolved": "k.resolved_at is not null",
    },
)


async def open_complaint(
    db: AsyncConnection,
    customer: UUID,
    source: Source,
    reference: str,
    detail: Mapping[str, Any],
    now: datetime,
    *,
    told: bool = False,
) -> UUID | None:
    """Opens one complaint, and tells of it by the event ``Complaint Opened`` (unless an event ``told`` of it already).

    ``reference`` names its cause (a send, a ticket, an event): the same cause opens it once, and never again once it is
    resolved. Returns its id, also where it was there; None where there is no such customer. The caller commits.
    """
    who = (await db.execute(_WHO, {"customer": customer})).scalar_one_or_none()
    if who is None:
        return None
    identity = complaint_id(who, source, reference)
    given = {"id": identity, "customer": who, "source": source, "reference": reference, "now": now}
    if (await db.execute(_OPEN, {**given, "detail": dict(detail)})).one_or_none() is None:
        return identity
    if not told:
        properties = {"complaint": str(identity), "source": source, "reference": reference}
        message_id = derived_event_id(COMPLAINT_OPENED, str(identity))
        await add_event(db, who, COMPLAINT_OPENED, properties, now, message_id)
    await _know(db, who, True, derived_event_id(CUSTOMER_UPDATED, str(identity), "opened"), now)
    return identity


async def resolve_complaints(
    db: AsyncConnection,
    customer: UUID | None,
    now: datetime,
    by: str,
    *,
    complaint: UUID | None = None,
    reference: str | None = None,
    told: bool = False,
) -> int:
    """Resolves open complaints: one (then ``customer`` may be None), those of a reference, or all; returns how many.
    The caller commits."""
    if customer is None:
        customer = (await db.execute(_WHOSE, {"id": complaint})).scalar_one_or_none()
    who = (await db.execute(_WHO, {"customer": customer})).scalar_one_or_none()
    if who is None:
        return 0
    given = {"customer": who, "id": complaint, "reference": reference, "now": now, "by": by}
    resolved = (await db.execute(_RESOLVE, given)).all()
    for one in resolved:
        if not told:
            properties = {"complaint": str(one.id), "source": one.source, "reference": one.reference}
            message_id = derived_event_id(COMPLAINT_RESOLVED, str(one.id))
            await add_event(db, who, COMPLAINT_RESOLVED, properties, now, message_id)
    if resolved and not (await db.execute(_LEFT, {"customer": who})).scalar_one():
        last = str(resolved[-1].id)
        await _know(db, who, False, derived_event_id(CUSTOMER_UPDATED, last, "resolved"), now)
    return len(resolved)


async def _know(db: AsyncConnection, customer: UUID, value: bool, message_id: str, now: datetime) -> None:
    changed = {ATTRIBUTE: value}
    encoded = orjson.dumps(changed).decode()
    given = {"customer": customer, "changed": encoded, "value": "true" if value else "false", "now": now}
    given["said_at"] = attributes_said_at(changed, now)
    if (await db.execute(_SET, given)).one_or_none() is not None:
        await add_event(db, customer, CUSTOMER_UPDATED, changed, now, message_id)


async def list_complaints(
    engine: AsyncEngine,
    *,
    customer: UUID | None = None,
    still_open: bool | None = True,
    before: str | None = None,
    limit: int = 50,
) -> Page[ComplaintRow]:
    """Complaints, the newest first. ``still_open`` None: all."""
    wanted: dict[str, Any] = {"customer": customer}
    if still_open is not None:
        wanted["open" if still_open else "resolved"] = True
    return await _COMPLAINTS.page(engine, wanted, before, limit)


async def count_open(engine: AsyncEngine) -> int:
    """How many are open."""
    async with engine.connect() as db:
        return int((await db.execute(_COUNT)).scalar_one())


def event_names(workspace_settings: Mapping[str, Any], which: str) -> tuple[str, ...]:
    """The names of the events that open, or resolve, complaints: ``complaints`` of the workspace's settings."""
    given = (workspace_settings.get("complaints") or {}).get(which)
    if not isinstance(given, list):
        return EVENTS[which]
    return tuple(name for name in given if isinstance(name, str))


async def set_event_names(db: AsyncConnection, given: Mapping[str, Sequence[str]]) -> None:
    """Takes over the names; where there are none, no event opens (or resolves) any. The caller commits."""
    kept = {
        which: list(dict.fromkeys(name.strip()[:200] for name in names if name.strip()))[:_MOST_NAMES]
        for which, names in given.items()
        if which in EVENTS
    }
    await db.execute(_SET_NAMES, {"given": orjson.dumps(kept).decode()})


def reference_of(properties: Mapping[str, Any]) -> str:
    """What an event says of which complaint it is about; empty where it says nothing."""
    found = next((properties[name] for name in REFERENCES if properties.get(name) not in (None, "")), "")
    return str(found)[:200] if isinstance(found, str | int) else ""


async def apply_complaint_events(
    engine: AsyncEngine, events: Sequence[Unrouted], settings: Mapping[str, Any] | None = None
) -> int:
    """Opens and resolves what events of the shop's say, before journeys hear of them; how many did. ``settings``: the
    workspace's, where the caller has read them.

    Heeding one twice changes nothing. What the product itself told of a complaint is no news.
    """
    own = settings
    if own is None:
        async with engine.connect() as db:
            own = (await db.execute(_SETTINGS)).scalar_one_or_none() or {}
    opening, resolving = (frozenset(event_names(own, which)) for which in (OPENED_BY, RESOLVED_BY))
    meant = [
        one for one in events if one.customer_event.name in opening | resolving and not _is_ours(one.customer_event)
    ]
    heeded = 0
    for one in meant:
        async with engine.begin() as db:
            heeded += await _apply_complaint_event(
                db, one.customer_id, one.customer_event, one.customer_event.name in opening
            )
    return heeded


def _is_ours(customer_event: CustomerEvent) -> bool:
    return customer_event.message_id == derived_event_id(
        customer_event.name, str(customer_event.properties.get("complaint"))
    )


async def _apply_complaint_event(
    db: AsyncConnection, customer: UUID, customer_event: CustomerEvent, opens: bool
) -> bool:
    reference, at = reference_of(customer_event.properties), customer_event.occurred_at
    told = customer_event.name in (COMPLAINT_OPENED, COMPLAINT_RESOLVED)
    if opens:
        detail = {"event": customer_event.name}
        cause = reference or customer_event.message_id
        return await open_complaint(db, customer, "event", cause, detail, at, told=told) is not None
    by = f"event:{customer_event.name}"
    return bool(await resolve_complaints(db, customer, at, by, reference=reference or None, told=told))
