"""The end of a journey: nobody is let in any more, and later it is put away; both can be taken back."""

from datetime import datetime
from typing import Literal

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from orchestrator.store.audit.chain import By, Change, record
from orchestrator.store.journeys.notices import tell_changed
from orchestrator.store.tables.journeys import Journey

Turn = Literal["close", "reopen", "archive", "restore"]
FROM: dict[str, tuple[str, ...]] = {
    "close": ("live",),
    "reopen": ("closed",),
    "archive": ("closed", "draft"),
    "restore": ("archived",),
}
"""By turn: the states in which a journey may be taken it. A paused journey is resumed first."""
_INSIDE = text("select count(*) from runs where journey_key = :key and finished_at is null")


class NotNow(Exception):
    """The journey is in another state. ``inside``: customers who are in it still, where they are in the way."""

    def __init__(self, status: str, inside: int = 0) -> None:
        super().__init__(status)
        self.status, self.inside = status, inside


async def turn_journey(session: AsyncSession, key: str, turn: Turn, by: By, now: datetime, why: str = "") -> str | None:
    """Its status afterwards; None: there is no such journey. The caller commits, and with that tells the router.

    ``close``: nobody enters, those inside go on. ``archive``: it is put away, with nobody inside. ``reopen`` and
    ``restore`` take it back. Raises :class:`NotNow`.
    """
    query = select(Journey).where(col(Journey.key) == key).with_for_update()
    journey = (await session.execute(query)).scalar_one_or_none()
    if journey is None:
        return None
    before = journey.status
    if before not in FROM[turn]:
        raise NotNow(before)
    if turn == "archive" and (inside := int((await session.execute(_INSIDE, {"key": key})).scalar_one())):
        raise NotNow(before, inside)
    unpublished = journey.live_version is None
    after = {
        "close": "closed",
        "reopen": "live",
        "archive": "archived",
        "restore": "draft" if unpublished else "closed",
    }
    journey.status, journey.updated_at = after[turn], now
    await session.flush()
    await tell_changed(session, key)
    done = {"close": "closed", "reopen": "reopened", "archive": "archived", "restore": "restored"}
    change = Change(f"journey.{done[turn]}", key, {"status": before}, {"status": journey.status}, why)
    await record(session, by, change)
    return journey.status


async def count_inside(session: AsyncSession, key: str) -> int:
    """Customers who are in a journey now."""
    return int((await session.execute(_INSIDE, {"key": key})).scalar_one())
