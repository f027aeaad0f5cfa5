"""Word to the routers that journeys have changed: published, paused, closed, gone."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

JOURNEYS_CHANNEL = "sojourn_journeys"
_NOTIFY = text("select pg_notify(:channel, :key)")


async def tell_changed(db: AsyncConnection | AsyncSession, key: str = "") -> None:
    """A journey has changed, or (without a key) something that concerns all of them. The caller commits."""
    await db.execute(_NOTIFY, {"channel": JOURNEYS_CHANNEL, "key": key})
