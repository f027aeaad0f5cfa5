"""The development outbox as a list: what went out, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.pagination import Page, cursor, read_cursor

_COLUMNS = """
select o.id, o.customer_id, o.journey_key, s.step, o.channel, o.recipient, o.locale, o.content, o.at,
    s.message_class, s.run_id, c.attributes ->> 'name' as name, c.external_id
from outbox o left join sends s on s.id = o.id left join customers c on c.id = o.customer_id
"""


@dataclass(frozen=True)
class Letter:
    """One message as its receiver saw it, and where it came from."""

    id: UUID
    customer_id: UUID
    journey_key: str
    step: str | None
    channel: str
    recipient: str
    locale: str
    content: dict[str, Any]
    at: datetime
    message_class: str | None
    run_id: UUID | None
    name: str | None
    external_id: str | None


async def list_letters(
    engine: AsyncEngine,
    *,
    channel: str | None = None,
    journey: str | None = None,
    customer: UUID | None = None,
    before: str | None = None,
    limit: int = 30,
) -> Page[Letter]:
    """Messages, the newest first."""
    given: dict[str, Any] = {"channel": channel, "journey_key": journey, "customer_id": customer}
    values = {name: value for name, value in given.items() if value is not None}
    wanted = [f"o.{name} = :{name}" for name in values]
    at, identity = read_cursor(before)
    wanted.append("(o.at, o.id) < (:at, :id)")
    query = text(f"{_COLUMNS} where {' and '.join(wanted)} order by o.at desc, o.id desc limit :limit")
    async with engine.connect() as db:
        rows = await db.execute(query, {**values, "at": at, "id": identity, "limit": limit + 1})
        found = [Letter(*row) for row in rows]
    more = cursor(found[limit - 1].at, found[limit - 1].id) if len(found) > limit else None
    return Page(found[:limit], more)


async def load_letter(engine: AsyncEngine, identity: UUID) -> Letter | None:
    """One message, or None."""
    async with engine.connect() as db:
        row = (await db.execute(text(f"{_COLUMNS} where o.id = :id"), {"id": identity})).one_or_none()
    return None if row is None else Letter(*row)


async def in_outbox(engine: AsyncEngine, sends: Sequence[UUID]) -> set[UUID]:
    """Those of these sends that can be read in the outbox."""
    query = text("select id from outbox where id = any(:sends)")
    async with engine.connect() as db:
        return set((await db.execute(query, {"sends": list(sends)})).scalars())
