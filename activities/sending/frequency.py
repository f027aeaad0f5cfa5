"""The counts of frequency caps around one delivery: what a decision sees of them, a place reserved, kept or given back.

Only an advertisement that some cap of its policy looks at is concerned; nothing else needs Redis. Information may take
up room, but is never kept back: what caps count of it is read from the ledger alone.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import blake2b

import orjson

from activities.sending.context import DeliveryContext
from orchestrator.core.sending.frequency import LONGEST, Cap, Counted
from orchestrator.store.sending.frequency import Counts, CountsUnavailable, Frequency
from orchestrator.store.sending.ledger import Page

_SLACK = timedelta(days=1)
"""How much more than a cap looks at is kept: journey time is not quite the same in two workers."""
_FILLS = 10


class Counting:
    """One for a worker. Without a ``frequency`` no message that a cap looks at can be sent."""

    def __init__(self, frequency: Frequency | None) -> None:
        self._frequency = frequency

    @staticmethod
    def concerns(case: DeliveryContext, channels: Iterable[str]) -> bool:
        """Whether any cap looks at this message on any of these channels."""
        if case.message_class != "advertising":
            return False
        return any(cap.covers(channel, case.words.tags) for cap in case.policy.caps for channel in channels)

    async def count(self, page: Page, case: DeliveryContext) -> tuple[DeliveryContext, Counts]:
        """The case with what is counted of its customer, and the counts under which a place can be reserved.

        Raises :class:`CountsUnavailable`.
        """
        since = _since(case)
        counts = await self._counts(page, case)
        counted = [one for one in counts.counted if one.at > since]
        if any("informational" in cap.counts for cap in case.policy.caps):
            counted += await page.counted(case.customer, since, ("informational",))
        others = sorted((one for one in counted if one.id != str(case.place.id)), key=lambda one: (one.at, one.id))
        return replace(case, standing=replace(case.standing, counted=tuple(others))), counts

    async def _counts(self, page: Page, case: DeliveryContext) -> Counts:
        basis = f"{_digest(case.policy.caps)}.{case.seen.row['merges']}"
        for _ in range(_FILLS):
            found = await self._redis.read(case.customer, basis)
            if isinstance(found, Counts):
                return found
            known = await page.counted(case.customer, _since(case), ("advertising",))
            await self._redis.fill(case.customer, basis, found.mark, known)
        raise CountsUnavailable("counts that never settle")

    async def reserve(self, case: DeliveryContext, counts: Counts, channel: str) -> bool:
        """A place for this message on a channel; False if another was counted since. Raises ``CountsUnavailable``."""
        mine = Counted(str(case.place.id), case.now, channel, case.message_class, case.words.tags)
        old = [one.id for one in counts.counted if one.at <= _since(case)]
        return await self._redis.reserve(case.customer, counts.version, mine, old)

    async def confirm(self, case: DeliveryContext) -> bool:
        """Once it is claimed: whether its place is still there. Raises ``CountsUnavailable``."""
        return await self._redis.confirm(case.customer, str(case.place.id))

    async def release(self, case: DeliveryContext) -> None:
        """Its place is free again. With Redis away it stays taken at most as long as Redis remembers it."""
        with suppress(CountsUnavailable):
            await self._redis.release(case.customer, str(case.place.id))

    @property
    def _redis(self) -> Frequency:
        if self._frequency is None:
            raise CountsUnavailable("no Redis")
        return self._frequency


def _since(case: DeliveryContext) -> datetime:
    return case.now - LONGEST - _SLACK


@lru_cache(maxsize=256)
def _digest(caps: tuple[Cap, ...]) -> str:
    """The same in every process, for the same caps."""
    return blake2b(orjson.dumps([cap.model_dump(mode="json") for cap in caps]), digest_size=8).hexdigest()
