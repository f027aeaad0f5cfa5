"""Membership of segments, as far as routing goes: before events are offered to journeys, and when deadlines pass.

Whatever goes wrong here keeps no event from its journeys: whoever's membership could not be kept is looked at again.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from time import monotonic
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.zone_settings import DEFAULT_ZONE
from orchestrator.store.connection_pool import direct
from orchestrator.store.events.shards import SHARDS, Fence
from orchestrator.store.events.unrouted import Unrouted
from orchestrator.store.faults import is_transient
from orchestrator.store.segments.membership import MOST_DUE, RECHECK, MembershipStore

log = structlog.get_logger()

MOST_BESIDE_EVENTS = 64
"""Deadlines in one go while events wait: these go first."""
LOOK_EVERY = 0.5
"""Seconds between two looks for deadlines where the last one found none."""
SETBACK = 5.0
"""Seconds without a look after one that failed."""


class SegmentKeeper:
    """Keeps the membership of those customers whose shards are this router's."""

    def __init__(self, engine: AsyncEngine, time_zone: str = DEFAULT_ZONE) -> None:
        self._store = MembershipStore(engine, time_zone)
        self._next = float("-inf")

    async def keep_by_events(self, events: Sequence[Unrouted], now: datetime, fence: Fence | None) -> bool:
        """Bring membership in line with these events, which were read before. False where a shard is another router's
        by now."""
        definitions = await self._store.definitions.load()
        try:
            fresh = await self._store.newcomers(events) if definitions.greet(now) else frozenset()
            woken = [one for one in events if definitions.woken_by(one.customer_event.name)]
            woken += [one for one in events if one.customer_id in fresh and one not in woken]
            return not woken or await self._store.keep_by_events(woken, fresh, now, fence) is not None
        except Exception as error:
            if is_transient(error):
                raise
            customers = sorted({event.customer_id for event in events})
            log.error("membership of segments could not be kept", customers=len(customers), exc_info=error)
            await self._recheck(customers)
            return True

    async def keep_due(self, now: datetime, shards: Collection[int] = range(SHARDS), *, busy: bool) -> bool:
        """Look at deadlines that have passed, some at a time; whether more may be due. ``busy``: events wait."""
        if monotonic() < self._next or not shards:
            return False
        most = MOST_BESIDE_EVENTS if busy else MOST_DUE
        try:
            found = await self._store.keep_due(now, shards, most)
        except Exception as error:
            if is_transient(error):
                raise
            log.error("deadlines of segments could not be looked at", exc_info=error)
            self._next = monotonic() + SETBACK
            return False
        more = found >= most
        self._next = float("-inf") if more else monotonic() + LOOK_EVERY
        return more

    async def _recheck(self, customers: list[UUID]) -> None:
        async with direct(self._store.engine).connection() as db:
            await db.execute(RECHECK, {"customers": customers})
