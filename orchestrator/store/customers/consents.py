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

from orchestrator.core.customers.consent_record import (
    read_records,
    records_as_json,
    with_unrecorded,
)
from orchestrator.core.customers.consents import ACTS, ConsentChanges, Consents, Heard, LoggedWord, hear, in_turn
from orchestrator.core.events.ids import derived_event_id
from orchestrator.core.events.system_events import CONSENT_CHANGED
from orchestrator.store.database import dump_json
from orchestrator.store.events.system_events import add_event

_LOCK = text("""
select c.id, c.consents, c.consented_at, c.consent_record, c.created_at, c.profile_at from customers was
join customers c on c.id = coalesce(was.merged_into, was.id)
where was.id = :customer for no key update of c
""")
_SET = text("""
update customers set consents = cast(:consents as jsonb), consented_at = cast(:consented_at as jsonb),
    consent_record = cast(:consent_record as jsonb), updated_at = :at
where id = :customer
""")
_STANDING = text("select consents from customers where id = :customer")
_WITHDRAWN_BY = text("""
select l.name from consent_log l join customers c on c.id = l.customer_id
where l.customer_id = :customer and l.source = 'unsubscribe' and not l.granted and l.evidence ->> 'send' = :send
    and l.evidence -> 'before' ->> l.name = 'true' and l.at >= cast(:since as timestamptz)
    and not exists (
        select from jsonb_each(c.consent_record) as said
        where split_part(said.key, ':', 1) = split_part(l.name, ':', 1)
            and (said.value -> 'statement' ->> 'no')::bigint > extract(epoch from l.at) * 1000000
    )
    and not exists (
        select from consent_log later
        where later.customer_id = :customer and later.id > l.id and later.act
            and split_part(later.name, ':', 1) = split_part(l.name, ':', 1)
            and (later.evidence ->> 'send' is distinct from :send or later.evidence ->> 'form' = 'undo')
    )
    and not exists (
        select from consent_log spent
        where spent.customer_id = :customer and spent.source = 'unsubscribe' and spent.evidence ->> 'send' = :send
            and spent.evidence ->> 'form' = 'undo'
    )
""")
_LOG = text("""
insert into consent_log (customer_id, name, granted, at, source, evidence, act, counts)
select :customer, name, granted, :at, :source, cast(:evidence as jsonb), act, counts
from jsonb_to_recordset(cast(:lines as jsonb)) as given(name text, granted boolean, act boolean, counts boolean)
where not exists (  -- the same link of the same message, clicked again: mail programs do
    select from consent_log newest
    where newest.id = (select max(id) from consent_log where customer_id = :customer and name = given.name)
        and newest.granted = given.granted and newest.source = :source
        and newest.evidence ->> 'send' = cast(:evidence as jsonb) ->> 'send'
)
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
    """Take in what was said of consents, by name, at the journey's instant ``at``; returns what it changed.

    ``source`` is one of ``core.customers.consents.SOURCES`` and says whether the customer acted or something was stated
    of them, which decides what it changes (``consent_record``); ``evidence`` is what proves it, without contacts. What
    stands so already changes nothing, unless it is a confirmation (``confirm``), which renews its date. The caller
    commits.
    """
    row = (await db.execute(_LOCK, {"customer": customer})).one_or_none()
    if row is None:
        return ConsentChanges()
    before = read_stored(
        row.consents, row.consented_at, row.consent_record, known_since=row.created_at, last_said=row.profile_at
    )
    act = source in ACTS
    at = in_turn(before, said, at, act=act)
    heard = hear(before, said, at, act=act, confirm=confirm)
    if heard.consents != before:
        await db.execute(_SET, {"customer": row.id, "at": at, **consent_columns(heard.consents)})
    await record_words(db, row.id, heard, source=source, evidence=evidence, at=at)
    return heard.changes


def read_stored(
    standing: Mapping[str, Any],
    dates: Mapping[str, Any],
    records: Mapping[str, Any],
    *,
    known_since: datetime,
    last_said: datetime | None,
) -> Consents:
    """A customer's consents from their row. A consent of which no record was kept was stated: a yes on its date, else
    when the customer became known, a no when anything was last said of them."""
    otherwise = {True: known_since, False: last_said or known_since}
    return Consents(standing, dates, with_unrecorded(read_records(records), standing, dates, otherwise))


def consent_columns(consents: Consents) -> dict[str, str]:
    """The columns of a customer's row that keep their consents, as JSON."""
    return {
        "consents": _json(consents.standing),
        "consented_at": _json(consents.dates),
        "consent_record": _json(records_as_json(consents.records)),
    }


async def record_words(
    db: AsyncConnection,
    customer: UUID,
    heard: Heard,
    *,
    source: str,
    evidence: Mapping[str, Any],
    at: datetime,
) -> None:
    """Log words that somebody has taken into the customer's row in this transaction, and tell of what they changed."""
    if not heard.lines:
        return
    lines = _json([_as_json(line) for line in heard.lines])
    told = {"customer": customer, "at": at, "source": source, "evidence": _json(dict(evidence)), "lines": lines}
    await db.execute(_LOG, told)
    if heard.changes:
        message_id = _message_id(customer, at, lines)
        await add_event(db, customer, CONSENT_CHANGED, heard.changes.as_properties(source), at, message_id)


def _as_json(line: LoggedWord) -> dict[str, Any]:
    return {"name": line.name, "granted": line.granted, "act": line.act, "counts": line.counts}


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _message_id(customer: UUID, at: datetime, lines: str) -> str:
    return derived_event_id(CONSENT_CHANGED, str(customer), at.isoformat(), lines)


@dataclass(slots=True)
class Said:
    """What a bulk of calls said, still to be recorded. ``history``: of the past, offered to no journey."""

    customer: UUID
    changes: ConsentChanges
    at: datetime
    source: str
    evidence: Mapping[str, Any] = field(default_factory=dict)
    history: bool = False
    lines: Sequence[LoggedWord] = ()


_LOG_MANY = """
insert into consent_log (customer_id, name, granted, at, source, evidence, act, counts)
select c, name, granted, a, s, e, act, counts from json_to_recordset(%s::json)
  as given(c uuid, name text, granted boolean, a timestamptz, s text, e jsonb, act boolean, counts boolean)
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
        from_whom = {"c": one.customer, "a": instant, "s": one.source, "e": dict(one.evidence)}
        lines += [{**from_whom, **_as_json(line)} for line in one.lines]
        if one.changes:
            message_id = _message_id(one.customer, one.at, repr(one.lines))
            properties = one.changes.as_properties(one.source)
            event = {"m": message_id, "c": one.customer, "n": CONSENT_CHANGED, "p": properties}
            told.append({**event, "a": instant, "r": at.isoformat(), "h": one.history})
    if lines:
        await connection.execute(_LOG_MANY, (dump_json(lines),))
    if told:
        await connection.execute(_TELL_MANY, (dump_json(told),))


async def read_consents(db: AsyncConnection, customer: UUID) -> Mapping[str, Any]:
    """How the consents of a customer who exists stand, by name."""
    found: Mapping[str, Any] = (await db.execute(_STANDING, {"customer": customer})).scalar_one()
    return found


async def withdrawn_by(db: AsyncConnection, customer: UUID, send: UUID, since: datetime) -> list[str]:
    """Names of the consents that stood before the opt-out link of this message took them away, and that it may still
    give back: taken not before ``since``, given back never yet, and nothing done about them by the customer since."""
    given = {"customer": customer, "send": str(send), "since": since}
    return list((await db.execute(_WITHDRAWN_BY, given)).scalars())
