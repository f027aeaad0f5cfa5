"""The development outbox as a list: what went out, newest first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.pagination import Listing, Page

_SELECT = """
select o.id, o.customer_id, o.journey_key, s.step, o.channel, o.recipient, o.locale, o.content, o.at,
    s.message_class, s.run_id, c.attributes ->> 'name' as name, c.external_id
from outbox o left join sends s on s.id = o.id left join customers c on c.id = o.customer_id
"""
KEEP = """
insert into outbox (id, customer_id, journey_key, channel, recipient, locale, content, at)
values (%(id)s, %(customer_id)s, %(journey_key)s, %(channel)s, %(recipient)s, %(locale)s, %(content)s::jsonb, %(at)s)
on conflict do nothing
"""
"""Of the provider, on a connection of the driver's own."""
_THERE = text("select id from outbox where id = any(:sends)")


@dataclass(frozen=True)
class OutboxItem:
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


_OUTBOX = Listing(
    _SELECT,
    OutboxItem,
    at="o.at",
    id="o.id",
    conditions={
        "channel": "o.channel = :channel",
        "journey": "o.journey_key = :journey",
        "customer": "o.customer_id = :customer",
    },
)


async def list_outbox(
    engine: AsyncEngine,
    *,
    channel: str | None = None,
    journey: str | None = None,
    customer: UUID | None = None,
    before: str | None = None,
    limit: int = 30,
) -> Page[OutboxItem]:
    """Messages, the newest first."""
    return await _OUTBOX.page(engine, {"channel": channel, "journey": journey, "customer": customer}, before, limit)


async def load_outbox_item(engine: AsyncEngine, identity: UUID) -> OutboxItem | None:
    """One message, or None."""
    return await _OUTBOX.one(engine, identity)


async def in_outbox(engine: AsyncEngine, sends: Sequence[UUID]) -> set[UUID]:
    """Those of these sends that can be read in the outbox."""
    async with engine.connect() as db:
        return set((await db.execute(_THERE, {"sends": list(sends)})).scalars())
