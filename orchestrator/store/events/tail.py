"""The newest events with who did them, for people who watch them come in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_SELECT = """
select e.seq, e.message_id, e.customer_id, e.kind, e.name, e.properties, e.context, e.occurred_at, e.received_at,
    coalesce(c.attributes ->> 'name', c.attributes ->> 'first_name', c.external_id, c.email, c.phone) as customer
from events e left join customers c on c.id = e.customer_id
"""
_NEWEST = text("select coalesce(max(seq), 0) from events")
REACH = 200_000
"""So many of the newest events are looked through for a name: it is about what comes in, not about history."""


@dataclass(frozen=True)
class TailRow:
    """One event. ``seq``: its place in the order of storing; ``customer``: what to call them, if anything is known."""

    seq: int
    message_id: str
    customer_id: UUID
    kind: str
    name: str
    properties: dict[str, Any]
    context: dict[str, Any]
    occurred_at: datetime
    received_at: datetime
    customer: str | None


async def newest_seq(engine: AsyncEngine) -> int:
    """The place of the event that was stored last; 0 before the first."""
    async with engine.connect() as db:
        return int((await db.execute(_NEWEST)).scalar_one())


async def read_tail(
    engine: AsyncEngine, *, name: str = "", customer: UUID | None = None, after: int | None = None, limit: int = 50
) -> list[TailRow]:
    """The newest events, the last one first; ``name``: part of one; ``after``: only what was stored later."""
    values: dict[str, Any] = {"limit": limit}
    wanted = []
    if name:
        escaped = name.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        values["like"] = f"%{escaped}%"
        wanted.append("e.name ilike :like")
    if customer is not None:
        values["customer"] = customer
        wanted.append("e.customer_id = :customer")
    if after is None and name and customer is None:
        after = await newest_seq(engine) - REACH
    if after is not None:
        values["after"] = after
        wanted.append("e.seq > :after")
    where = f"where {' and '.join(wanted)}" if wanted else ""
    async with engine.connect() as db:
        found = await db.execute(text(f"{_SELECT} {where} order by e.seq desc limit :limit"), values)
        return [TailRow(*row) for row in found]
