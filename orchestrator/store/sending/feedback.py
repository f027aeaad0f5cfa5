"""What receivers and their providers have said of a message since it was sent, kept with it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_COMPLAINED = text("update sends set complained_at = coalesce(complained_at, :at) where id = :id")
_BOUNCED = text("update sends set bounced_at = coalesce(bounced_at, :at) where id = :id")


async def note_complaint(db: AsyncConnection, send: UUID, at: datetime) -> None:
    """Its receiver has complained of a message; journey time. The caller commits."""
    await db.execute(_COMPLAINED, {"id": send, "at": at})


async def note_bounce(db: AsyncConnection, send: UUID, at: datetime) -> None:
    """Nobody will ever be reached where a message was sent; journey time. The caller commits."""
    await db.execute(_BOUNCED, {"id": send, "at": at})
