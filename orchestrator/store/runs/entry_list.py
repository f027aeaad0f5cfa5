"""Decisions on entries as a list: who was let in, who was not, and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.pagination import Page, cursor, read_cursor

# The page is cut first and then joined: a thousand pages back, still only its own rows are looked up.
_PAGE = """
select d.id, d.journey_key, d.version, d.customer_id, d.at, d.admitted, d.reason, d.detail, d.run_id, e.name as event,
    c.attributes ->> 'name' as name, c.external_id, c.email
from (select * from entry_decisions d where {wanted} order by d.at desc, d.id desc limit :limit) d
left join events e on e.message_id = d.message_id left join customers c on c.id = d.customer_id
order by d.at desc, d.id desc
"""


@dataclass(frozen=True)
class EntryRow:
    """One decision. ``event``: the name of what fired the trigger."""

    id: UUID
    journey_key: str
    version: int
    customer_id: UUID
    at: datetime
    admitted: bool
    reason: str
    detail: dict[str, Any]
    run_id: UUID | None
    event: str | None
    name: str | None
    external_id: str | None
    email: str | None


async def list_entries(
    engine: AsyncEngine,
    *,
    journey: str | None = None,
    customer: UUID | None = None,
    reason: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> Page[EntryRow]:
    """Decisions, the newest first. ``reason``: a code; ``refused`` means all that are not ``admitted``."""
    at, identity = read_cursor(before)
    values: dict[str, Any] = {"at": at, "id": identity, "limit": limit + 1}
    wanted = ["(d.at, d.id) < (:at, :id)"]
    if journey is not None:
        values["journey"] = journey
        wanted.append("d.journey_key = :journey")
    if customer is not None:
        values["customer"] = customer
        wanted.append("d.customer_id = :customer")
    if reason == "refused":
        wanted.append("not d.admitted")
    elif reason is not None:
        values["reason"] = reason
        wanted.append("d.reason = :reason")
    query = text(_PAGE.format(wanted=" and ".join(wanted)))
    async with engine.connect() as db:
        found = [EntryRow(*row) for row in await db.execute(query, values)]
    more = cursor(found[limit - 1].at, found[limit - 1].id) if len(found) > limit else None
    return Page(found[:limit], more)
