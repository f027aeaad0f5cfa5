"""Messages as a list: what was decided for whom, with the inputs of each decision."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.pagination import Listing, Page

_SELECT = """
select id, run_id, journey_key, step, occurrence, customer_id, message_class, status, reason, channel, provider,
    provider_message_id, inputs, content, attempts, hold_until, created_at, sent_at
from sends
"""
_PLACES = text("select id, journey_key, step from sends where id = any(:ids)")


@dataclass(frozen=True)
class SendRow:
    """One message of one visit to a step."""

    id: UUID
    run_id: UUID
    journey_key: str
    step: str
    occurrence: int
    customer_id: UUID
    message_class: str
    status: str
    reason: str
    channel: str | None
    provider: str | None
    provider_message_id: str | None
    inputs: dict[str, Any]
    content: dict[str, Any]
    attempts: int
    hold_until: datetime | None
    created_at: datetime
    sent_at: datetime | None


_SENDS = Listing(
    _SELECT,
    SendRow,
    at="created_at",
    id="id",
    conditions={
        "journey": "journey_key = :journey",
        "customer": "customer_id = :customer",
        "status": "status = :status",
    },
)


async def list_sends(
    engine: AsyncEngine,
    *,
    journey: str | None = None,
    customer: UUID | None = None,
    status: str | None = None,
    before: str | None = None,
    limit: int = 50,
) -> Page[SendRow]:
    """Messages, the newest decision first."""
    return await _SENDS.page(engine, {"journey": journey, "customer": customer, "status": status}, before, limit)


async def load_send(engine: AsyncEngine, identity: UUID) -> SendRow | None:
    """One message, or None."""
    return await _SENDS.one(engine, identity)


async def name_sends(engine: AsyncEngine, identities: Collection[UUID]) -> dict[UUID, tuple[str, str]]:
    """Journey and step of each of these messages."""
    if not identities:
        return {}
    async with engine.connect() as db:
        return {row.id: (row.journey_key, row.step) for row in await db.execute(_PLACES, {"ids": list(identities)})}
