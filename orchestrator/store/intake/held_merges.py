"""Merges that look wrong wait for a human: two customers whom a call says are one person, and who hardly are.

Merging cannot be taken back. What is suspicious is a third e-mail address within a day: an id that several people
share, by mistake or on purpose. Until somebody decides, and where they decide that it is not one person, the two stay
apart; every call then belongs to whom its ``userId`` means.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import psycopg
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from uuid_utils.compat import uuid7

from orchestrator.core.channels.email_address import read_email
from orchestrator.core.timing import Clock
from orchestrator.store.customer_names import CALLED
from orchestrator.store.intake.incoming import IdentityKey, Incoming
from orchestrator.store.pagination import Page, cut, read_cursor
from orchestrator.store.statements import Filtered

Connection = psycopg.AsyncConnection[tuple[Any, ...]]
Pair = tuple[UUID, UUID]
MOST_EMAILS = 2
"""Addresses within a day that one person may well have; one more is suspicious."""
_DAY = timedelta(days=1)

_EMAILS = """
select distinct lower(said.email) from (
    select properties ->> 'email' as email from events
    where customer_id in (%(source)s, %(target)s) and kind = 'identify'
        and occurred_at between %(from)s and %(until)s
    union all select email from customers where id in (%(source)s, %(target)s)
) as said where said.email like '%%_@_%%' limit 50
"""
_HOLD = """
insert into held_merges (id, source_id, target_id, reason, detail, held_at)
values (%s, %s, %s, 'emails', %s::jsonb, %s) on conflict (source_id, target_id) do nothing
"""
_APART = "select source_id, target_id from held_merges where decision is distinct from 'merged'"
_IS_APART = "select 1 from held_merges where source_id = %s and target_id = %s and decision is distinct from 'merged'"
_LIST = Filtered(
    f"""
select h.id, h.source_id, h.target_id, h.reason, h.detail, h.held_at, h.decided_at, h.decided_by, h.decision,
    coalesce((select {CALLED} from customers c where c.id = h.source_id),
        (select min(i.value) from identities i where i.customer_id = h.source_id)) as source_called,
    (select {CALLED} from customers c where c.id = h.target_id) as target_called
from held_merges h {{where}} order by h.held_at desc, h.id desc limit :limit
""",
    {"open": "h.decision is null", "decided": "h.decision is not null"},
    always=("(h.held_at, h.id) < (:at, :id)",),
)
_COUNT = text("select count(*) from held_merges where decision is null")


@dataclass(frozen=True, slots=True)
class HeldMerge:
    """Two customers who are said to be one. ``source`` would become ``target``. ``decision``: ``merged``, ``apart`` or
    None, as long as nobody has decided."""

    id: UUID
    source: UUID
    target: UUID
    source_called: str
    target_called: str
    reason: str
    detail: dict[str, Any]
    held_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    decision: str | None


async def stays_apart(
    connection: Connection, source: UUID, target: UUID, event: Incoming, beside: Collection[str], clock: Clock
) -> bool:
    """Whether these two are not merged by this call: held before, or held now because it is suspicious.

    ``beside``: addresses that calls say of either which come along with it and are not stored yet. The caller commits.
    """
    if await (await connection.execute(_IS_APART, (source, target))).fetchone() is not None:
        return True
    said = clock.at(event.occurred_at)
    given = {"source": source, "target": target, "from": said - _DAY, "until": said + _DAY}
    told = [row[0] for row in await (await connection.execute(_EMAILS, given)).fetchall()]
    emails = {one.lower() for one in map(read_email, told) if one is not None} | {*beside}
    if len(emails) <= MOST_EMAILS:
        return False
    detail, at = orjson.dumps({"emails": sorted(emails), "message": event.message_id}).decode(), clock.now()
    await connection.execute(_HOLD, (uuid7(), source, target, detail, at))
    return True


def emails_beside(events: Iterable[Incoming]) -> dict[IdentityKey, set[str]]:
    """What these calls say of e-mail addresses, by whose calls they are: several users of one device are not one."""
    found: dict[IdentityKey, set[str]] = defaultdict(set)
    for event in events:
        email = event.traits.contact.get("email") if event.traits is not None else None
        if email:
            found[event.key].add(email.lower())
    return found


async def load_apart(connection: Connection) -> frozenset[Pair]:
    """Every pair that no call merges."""
    return frozenset((source, target) for source, target in await (await connection.execute(_APART)).fetchall())


async def list_held(engine: AsyncEngine, *, still_open: bool, before: str | None, limit: int = 50) -> Page[HeldMerge]:
    """Merges that wait for a decision, or were decided; the newest first."""
    at, identity = read_cursor(before)
    statement = _LIST.statement(("open" if still_open else "decided",))
    async with engine.connect() as db:
        rows = list(await db.execute(statement, {"at": at, "id": identity, "limit": limit + 1}))
    return cut(list(_read(rows)), limit, lambda one: (one.held_at, one.id))


async def count_held(engine: AsyncEngine) -> int:
    """How many wait."""
    async with engine.connect() as db:
        return int((await db.execute(_COUNT)).scalar_one())


def _read(rows: Iterable[Any]) -> Iterable[HeldMerge]:
    for row in rows:
        yield HeldMerge(
            row.id,
            row.source_id,
            row.target_id,
            row.source_called or "",
            row.target_called or "",
            row.reason,
            row.detail,
            row.held_at,
            row.decided_at,
            row.decided_by,
            row.decision,
        )
