"""A customer as conditions see them: the profile, and those parts of the history that are asked about."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlmodel import col

from orchestrator.core.conditions.customer import Customer as View
from orchestrator.core.conditions.customer import Log
from orchestrator.core.conditions.model import Condition, leaves, segments_of
from orchestrator.core.customers.consents import consent_dates
from orchestrator.core.events.customer_event import CustomerEvent
from orchestrator.core.events.system_events import CUSTOMERS_ACTS
from orchestrator.store.tables import METADATA
from orchestrator.store.tables.customers import Customer, Device
from orchestrator.store.tables.events import StoredEvent

Executor = AsyncConnection | AsyncSession
_SEEN = (
    *(col(Customer.attributes), col(Customer.stage), col(Customer.time_zone)),
    *(col(Customer.consents), col(Customer.consented_at), col(Customer.created_at)),
    *(col(Customer.tags), col(Customer.email), col(Customer.phone), col(Customer.locale), col(Customer.external_id)),
    func.array(
        select(col(Device.kind))
        .where(col(Device.customer_id) == col(Customer.id), col(Device.dropped_at).is_(None))
        .scalar_subquery()
    ).label("devices"),
)
_OWN = ("email", "phone", "locale", "time_zone", "external_id")
_INSIDE = """
select s.key, exists (
    select from segment_members m
    where m.customer_id = :customer and m.segment_key = s.key and m.build = s.live_build and m.member
) as member
from segments s where s.archived_at is null and s.live_build is not null
"""
_SEGMENTS = text(f"{_INSIDE} and s.key = any(cast(:keys as text[]))")
_ALL_SEGMENTS = text(_INSIDE)
_EVENTS = METADATA.tables[str(StoredEvent.__tablename__)]
EVERYTHING = None
"""As ``names``: the whole history."""


def history_names(conditions: Iterable[Condition]) -> frozenset[str]:
    """Names of the events that have to be loaded to evaluate these conditions."""
    return frozenset(name for c in conditions for leaf in leaves(c) for name in leaf.history_of())


def asked_segments(conditions: Iterable[Condition]) -> frozenset[str]:
    """Segments whose membership has to be loaded to evaluate these conditions."""
    return frozenset(key for condition in conditions for key in segments_of(condition))


def history_since(conditions: Iterable[Condition], now: datetime) -> Mapping[str, datetime]:
    """From when on the history of a name can matter to these conditions as of ``now``; a name that is not there may
    matter however long ago."""
    found: dict[str, datetime | None] = {}
    for leaf in (leaf for condition in conditions for leaf in leaves(condition)):
        since = leaf.history_since(now)
        for name in leaf.history_of():
            known = found.get(name, since)
            found[name] = None if since is None or known is None else min(since, known)
    return {name: since for name, since in found.items() if since is not None}


async def load_view(
    db: Executor,
    customer_id: UUID,
    names: frozenset[str] | None,
    time_zone: str,
    since: Mapping[str, datetime] = MappingProxyType({}),
    segments: frozenset[str] = frozenset(),
) -> View:
    """The customer with the history of ``names``, of some only ``since`` an instant. ``time_zone``: where the
    customer's own is not known. ``segments``: those whose membership is asked for.

    An unknown customer is an empty one.
    """
    found = await db.execute(select(*_SEEN).where(col(Customer.id) == customer_id))
    row = found.one_or_none()
    told = await load_told(db, customer_id) if names is None else ()
    log = Log(await load_history(db, customer_id, names, since), told) if names is None or names else Log()
    inside = await load_segments(db, customer_id, segments) if segments else {}
    if row is None:
        return View(zone=time_zone, history=log, segments=inside)
    return seen_of(row._mapping, log, inside, time_zone)


def seen_of(row: Mapping[Any, Any], log: Log, segments: Mapping[str, bool], time_zone: str) -> View:
    """A customer's row as conditions see it, with what was read beside it."""
    return View(
        row["attributes"],
        row["consents"],
        row["stage"],
        row["time_zone"] or time_zone,
        log,
        consent_dates(row["consents"], row["consented_at"], row["created_at"]),
        row["created_at"],
        tags=row["tags"],
        contact={name: row[name] for name in _OWN},
        devices=row["devices"],
        segments=segments,
    )


async def load_segments(db: Executor, customer_id: UUID, keys: frozenset[str]) -> dict[str, bool]:
    """Whether the customer is in these segments; those of which that cannot be told are left out."""
    rows = await db.execute(_SEGMENTS, {"customer": customer_id, "keys": sorted(keys)})
    return {row.key: row.member for row in rows}


async def load_all_segments(db: Executor, customer_id: UUID) -> dict[str, bool]:
    """The same of every segment that there is."""
    return {row.key: row.member for row in await db.execute(_ALL_SEGMENTS, {"customer": customer_id})}


async def load_history(
    db: Executor,
    customer_id: UUID,
    names: frozenset[str] | None,
    since: Mapping[str, datetime] = MappingProxyType({}),
) -> list[CustomerEvent]:
    """The customer's events of these names, of some only ``since`` an instant, in order."""
    query = select(_EVENTS.c.message_id, _EVENTS.c.name, _EVENTS.c.occurred_at, _EVENTS.c.properties).where(
        _EVENTS.c.customer_id == customer_id
    )
    if names is not None:
        bounded = sorted(names & since.keys())
        parts: list[ColumnElement[bool]] = [_EVENTS.c.name.in_(sorted(names - since.keys()))]
        parts += [and_(_EVENTS.c.name == name, _EVENTS.c.occurred_at >= since[name]) for name in bounded]
        query = query.where(or_(*parts) if bounded else parts[0])
    rows = await db.execute(query.order_by(_EVENTS.c.occurred_at, _EVENTS.c.message_id))
    return [CustomerEvent(row.message_id, row.name, row.occurred_at, row.properties) for row in rows]


async def load_told(db: Executor, customer_id: UUID) -> list[str]:
    """Message ids of those of the customer's events that are no acts of theirs."""
    query = select(_EVENTS.c.message_id).where(
        _EVENTS.c.customer_id == customer_id, _EVENTS.c.kind == "system", _EVENTS.c.name.not_in(sorted(CUSTOMERS_ACTS))
    )
    return list((await db.execute(query)).scalars())


async def load_newest(db: Executor, customer_id: UUID, until: datetime, most: int) -> list[CustomerEvent]:
    """The last ``most`` events of any name up to an instant, in order."""
    query = (
        select(_EVENTS.c.message_id, _EVENTS.c.name, _EVENTS.c.occurred_at, _EVENTS.c.properties)
        .where(_EVENTS.c.customer_id == customer_id, _EVENTS.c.occurred_at <= until)
        .order_by(_EVENTS.c.occurred_at.desc(), _EVENTS.c.message_id.desc())
        .limit(most)
    )
    rows = list(await db.execute(query))
    return [CustomerEvent(row.message_id, row.name, row.occurred_at, row.properties) for row in reversed(rows)]
