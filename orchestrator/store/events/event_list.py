"""Stored events as a list: what a customer did, or what was done of late."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

_COLUMNS = """
select seq, message_id, customer_id, kind, name, properties, context, occurred_at, received_at, routed_at from events
"""


@dataclass(frozen=True)
class EventRow:
    """One event. ``seq``: its place in the order of storing."""

    seq: int
    message_id: str
    customer_id: UUID
    kind: str
    name: str
    properties: dict[str, Any]
    context: dict[str, Any]
    occurred_at: datetime
    received_at: datetime
    routed_at: datetime | None


async def list_events(
    engine: AsyncEngine,
    *,
    customer: UUID | None = None,
    name: str | None = None,
    before: tuple[datetime, int] | None = None,
    limit: int = 50,
) -> list[EventRow]:
    """Events, the newest first: of one customer by when they happened, of all by when they were stored.

    ``before``: ``occurred_at`` and ``seq`` of the last event of the page before.
    """
    values: dict[str, Any] = {"customer": customer, "name": name, "limit": limit}
    wanted = [f"{column} = :{key}" for key, column in (("customer", "customer_id"), ("name", "name")) if values[key]]
    order = "seq desc" if customer is None else "occurred_at desc, seq desc"
    if before is not None:
        values |= {"at": before[0], "seq": before[1]}
        wanted.append("seq < :seq" if customer is None else "(occurred_at, seq) < (:at, :seq)")
    where = f"where {' and '.join(wanted)}" if wanted else ""
    used = {key: value for key, value in values.items() if f":{key}" in where or key == "limit"}
    async with engine.connect() as db:
        rows = await db.execute(text(f"{_COLUMNS} {where} order by {order} limit :limit"), used)
        return [EventRow(*row) for row in rows]
