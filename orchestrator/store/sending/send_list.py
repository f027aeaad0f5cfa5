"""Messages as a list: what was decided for whom, with the inputs of each decision."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.store.pagination import Page, cursor, read_cursor

_COLUMNS = """
select id, run_id, journey_key, step, occurrence, customer_id, message_class, status, reason, channel, provider,
    provider_message_id, inputs, content, attempts, hold_until, created_at, sent_at
from sends
"""


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
    given = {"journey_key": journey, "customer_id": customer, "status": status}
    values: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    wanted = [f"{name} = :{name}" for name in values]
    at, identity = read_cursor(before)
    wanted.append("(created_at, id) < (:at, :id)")
    query = text(f"{_COLUMNS} where {' and '.join(wanted)} order by created_at desc, id desc limit :limit")
    async with engine.connect() as db:
        rows = await db.execute(query, {**values, "at": at, "id": identity, "limit": limit + 1})
        found = [SendRow(*row) for row in rows]
    more = cursor(found[limit - 1].created_at, found[limit - 1].id) if len(found) > limit else None
    return Page(found[:limit], more)


async def load_send(engine: AsyncEngine, identity: UUID) -> SendRow | None:
    """One message, or None."""
    async with engine.connect() as db:
        row = (await db.execute(text(f"{_COLUMNS} where id = :id"), {"id": identity})).one_or_none()
    return None if row is None else SendRow(*row)


async def name_sends(engine: AsyncEngine, identities: Collection[UUID]) -> dict[UUID, tuple[str, str]]:
    """Journey and step of each of these messages."""
    if not identities:
        return {}
    query = text("select id, journey_key, step from sends where id = any(:ids)")
    async with engine.connect() as db:
        return {row.id: (row.journey_key, row.step) for row in await db.execute(query, {"ids": list(identities)})}
