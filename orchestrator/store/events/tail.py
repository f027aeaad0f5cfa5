"""The newest events with who did them, for people who watch them come in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.customer_names import CALLED
from orchestrator.store.statements import Filtered, containing

_TAIL = Filtered(
    f"""
select e.seq, e.message_id, e.customer_id, e.kind, e.name, e.properties, e.context, e.occurred_at, e.received_at,
    {CALLED} as customer
from events e left join customers c on c.id = e.customer_id {{where}} order by e.seq desc limit :limit
""",
    {"name": "e.name ilike :name", "customer": "e.customer_id = :customer", "after": "e.seq > :after"},
)
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
    wanted: dict[str, Any] = {}
    if name:
        wanted["name"] = containing(name)
    if customer is not None:
        wanted["customer"] = customer
    if after is None and name and customer is None:
        after = await newest_seq(engine) - REACH
    if after is not None:
        wanted["after"] = after
    async with engine.connect() as db:
        found = await db.execute(_TAIL.statement(wanted), {**wanted, "limit": limit})
        return [TailRow(*row) for row in found]
