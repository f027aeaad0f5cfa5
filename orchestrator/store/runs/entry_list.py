"""Decisions on entries as a list: who was let in, who was not, and why."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.pagination import Listing, Page

_AROUND = """
select d.id, d.journey_key, d.version, d.customer_id, d.at, d.admitted, d.reason, d.detail, d.run_id, e.name as event,
    c.attributes ->> 'name' as name, c.external_id, c.email
from ({page}) d
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


_ENTRIES = Listing(
    "select * from entry_decisions d",
    EntryRow,
    at="d.at",
    id="d.id",
    conditions={
        "journey": "d.journey_key = :journey",
        "customer": "d.customer_id = :customer",
        "refused": "not d.admitted",
        "reason": "d.reason = :reason",
    },
    around=_AROUND,
)


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
    wanted: dict[str, Any] = {"journey": journey, "customer": customer}
    wanted |= {"refused": True} if reason == "refused" else {"reason": reason}
    return await _ENTRIES.page(engine, wanted, before, limit)
