"""Stored events as a list: what a customer did, or what was done of late."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.statements import Filtered

_SELECT = """
select seq, message_id, customer_id, kind, name, properties, context, occurred_at, received_at, routed_at from events
"""
_NAMED = {"name": "name = :name"}
_OF_ALL = Filtered(
    f"{_SELECT} {{where}} order by seq desc limit :limit",
    {**_NAMED, "before": "seq < :seq"},
)
_OF_CUSTOMER = Filtered(
    f"{_SELECT} {{where}} order by occurred_at desc, seq desc limit :limit",
    {**_NAMED, "before": "(occurred_at, seq) < (:at, :seq)"},
    always=("customer_id = :customer",),
)


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
    query = _OF_ALL if customer is None else _OF_CUSTOMER
    wanted = [*(["name"] if name else []), *(["before"] if before else [])]
    at, seq = before or (None, None)
    given: dict[str, Any] = {"customer": customer, "name": name, "at": at, "seq": seq, "limit": limit}
    async with engine.connect() as db:
        return [EventRow(*row) for row in await db.execute(query.statement(wanted), given)]
