"""Consents with evidence: what a customer agreed to, and how we know.

Everything that changes a consent comes through here, whatever its way: a page, a journey, intake, a provider. The
customer's ``consents`` say how it stands, ``consented_at`` since when, and ``consent_log`` how it came about; the event
``Consent Changed`` lets a journey tell the customer the result, as Korea's Network Act, Art. 50 (7), asks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from orchestrator.core.customers.consents import ConsentChanges, compare, dated
from orchestrator.core.events.ids import derived_event_id
from orchestrator.core.events.system_events import CONSENT_CHANGED
from orchestrator.store.database import dump_json
from orchestrator.store.events.system_events import add_event

_LOCK = text("""
select c.id, c.consents, c.consented_at from customers was
join customers c on c.id = coalesce(was.merged_into, was.id)
where was.id = :customer for no key update of c
""")
_SET = text("""
update customers set consents = cast(:consents as jsonb), consented_at = cast(:consented_at as jsonb), updated_at = :at
where id = :customer
""")
_STANDING = text("select consents from customers where id = :customer")
_WITHDRAWN_BY = text("""
select name from consent_log
where customer_id = :customer and source = 'unsubscribe' and not granted and evidence ->> 'send' = :send
    and evidence -> 'before' ->> name = 'true'
""")
_LOG = text("""
insert into consent_log (customer_id, name, granted, at, source, evidence)
select :customer, name, granted, :at, :source, cast(:evidence as jsonb)
from jsonb_to_recordset(cast(:lines as jsonb)) as given(name text, granted boolean)
""")


async def change_consents(
    db: AsyncConnection,
    customer: UUID,
    said: Mapping[str, bool],
    *,
    source: str,
    evidence: Mapping[str, Any],
    at: datetime,
    confirm: bool = False,
) -> ConsentChanges:
    """Take over what was said of consents, by name, at the journey's instant ``at``; returns what it changed.

    What stands so already changes nothing, unless it is a confirmation (``confirm``), which renews its date. ``source``
    is one of ``core.customers.consents.SOURCES``; ``evidence`` what proves it, without contacts. The caller commits.
    """
    row = (await db.execute(_LOCK, {"customer": customer})).one_or_none()
    changes = compare(row.consents, said, confirm=confirm) if row is not None else ConsentChanges()
    if row is None or not changes:
        return changes
    lines = changes.lines()
    given = {
        "customer": row.id,
        "at": at,
        "consents": _json({**row.consents, **dict(lines)}),
        "consented_at": _json(dated(row.consented_at, changes, at)),
    }
    await db.execute(_SET, given)
    await record_changes(db, row.id, changes, source=source, evidence=evidence, at=at)
    return changes


async def record_changes(
    db: AsyncConnection,
    customer: UUID,
    changes: ConsentChanges,
    *,
    source: str,
    evidence: Mapping[str, Any],
    at: datetime,
) -> None:
    """Log, and tell of, changes that somebody has made to the customer's row in this transaction."""
    lines = _json([{"name": name, "granted": granted} for name, granted in changes.lines()])
    told = {"customer": customer, "at": at, "source": source, "evidence": _json(dict(evidence)), "lines": lines}
    await db.execute(_LOG, told)
    message_id = _message_id(customer, at, lines)
    await add_event(db, customer, CONSENT_CHANGED, changes.as_properties(source), at, message_id)


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _message_id(customer: UUID, at: datetime, lines: str) -> str:
    return derived_event_id(CONSENT_CHANGED, str(customer), at.isoformat(), lines)


@dataclass(slots=True)
class Said:
    """Changes that a bulk of calls brought, still to be recorded. ``history``: of the past, offered to no journey."""

    customer: UUID
    changes: ConsentChanges
    at: datetime
    source: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    history: bool = False


_LOG_MANY = """
insert into consent_log (customer_id, name, granted, at, source, evidence)
select c, n, g, a, s, e from json_to_recordset(%s::json)
  as given(c uuid, n text, g boolean, a timestamptz, s text, e jsonb)
"""
_TELL_MANY = """
insert into events (message_id, customer_id, kind, name, properties, context, occurred_at, received_at, routed_at)
select m, c, 'system', n, p, '{}', a, r, case when h then r end
from json_to_recordset(%s::json)
  as given(m text, c uuid, n text, p jsonb, a timestamptz, r timestamptz, h boolean)
on conflict (message_id) do nothing
"""


async def record_many(connection: psycopg.AsyncConnection[Any], said: Sequence[Said], at: datetime) -> None:
    """The same for intake, in bulk. ``at``: when they came in, journey time; the caller notifies and commits."""
    lines, told = [], []
    for one in said:
        instant = one.at.isoformat()
        for name, granted in one.changes.lines():
            line = {"c": one.customer, "n": name, "g": granted, "a": instant, "s": one.source, "e": dict(one.evidence)}
            lines.append(line)
        message_id = _message_id(one.customer, one.at, repr(one.changes.lines()))
        properties = one.changes.as_properties(one.source)
        event = {"m": message_id, "c": one.customer, "n": CONSENT_CHANGED, "p": properties}
        told.append({**event, "a": instant, "r": at.isoformat(), "h": one.history})
    if lines:
        await connection.execute(_LOG_MANY, (dump_json(lines),))
        await connection.execute(_TELL_MANY, (dump_json(told),))


async def read_consents(db: AsyncConnection, customer: UUID) -> Mapping[str, Any]:
    """How the consents of a customer who exists stand, by name."""
    found: Mapping[str, Any] = (await db.execute(_STANDING, {"customer": customer})).scalar_one()
    return found


async def withdrawn_by(db: AsyncConnection, customer: UUID, send: UUID) -> list[str]:
    """Names of the consents that stood before the opt-out link of this message took them away."""
    return list((await db.execute(_WITHDRAWN_BY, {"customer": customer, "send": str(send)})).scalars())
