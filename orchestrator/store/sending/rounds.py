"""When following up on messages ended last. Temporal knows it as well: whichever is behind was restored."""

from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_LAST = text("select reconciled_at from workspace where id = 1")
_NOTE = text("update workspace set reconciled_at = clock_timestamp() where id = 1")


async def last_round(engine: AsyncEngine) -> datetime | None:
    """Real time; None: there was no round yet."""
    async with engine.connect() as db:
        found: datetime | None = (await db.execute(_LAST)).scalar_one_or_none()
    return found


async def note_round(db: AsyncConnection) -> None:
    """It has ended now. The caller commits."""
    await db.execute(_NOTE)
