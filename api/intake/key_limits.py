"""How many events a write key admits in a minute: counted here at once, and by Redis for all processes together.

A request is never kept waiting for Redis: each process counts what it admitted itself, tells the sum once a second, and
learns what all have admitted. Between two such exchanges a limit may therefore be passed by a second's worth.
"""

import asyncio
from collections import Counter
from time import time

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

from api.http.problems import ApiProblem

log = structlog.get_logger(__name__)

WINDOW = 60
EXCHANGED_EVERY = 1.0
_PATIENCE = 0.5


class KeyLimits:
    """Counts events by key and minute. Without ``redis``: in this process alone."""

    def __init__(self, redis: Redis | None = None) -> None:
        self._redis = redis
        self._minute = 0
        self._all: Counter[str] = Counter()
        self._untold: Counter[str] = Counter()
        self._exchanged_at = 0.0
        self._exchange: asyncio.Task[None] | None = None

    def admit(self, name: str, per_minute: int | None, events: int) -> None:
        """Counts events, or raises the problem ``key_limit`` with the seconds until the next minute."""
        if per_minute is None:
            return
        now = time()
        minute = int(now // WINDOW)
        if minute != self._minute:
            self._minute = minute
            self._all.clear()
            self._untold.clear()
        counted = self._all[name] + self._untold[name]
        if counted and counted + events > per_minute:  # a batch larger than the limit passes in a minute of its own
            raise ApiProblem("key_limit", None, limit=per_minute, seconds=max(1, WINDOW - int(now % WINDOW)))
        self._untold[name] += events
        if self._redis is not None and now - self._exchanged_at > EXCHANGED_EVERY:
            self._exchanged_at = now
            self._exchange = asyncio.ensure_future(self._tell(self._redis, minute))

    async def _tell(self, redis: Redis, minute: int) -> None:
        told, self._untold = self._untold, Counter()
        self._all.update(told)
        try:
            async with asyncio.timeout(_PATIENCE), redis.pipeline(transaction=False) as pipe:
                for name, events in told.items():
                    key = f"sojourn:write-key:{name}:{minute}"
                    pipe.incrby(key, events)
                    pipe.expire(key, 2 * WINDOW)
                sums = (await pipe.execute())[::2]
        except (RedisError, OSError, TimeoutError) as problem:
            log.warning("write keys are counted in this process only", problem=type(problem).__name__)
            return
        if minute == self._minute:
            self._all.update({name: max(0, int(sums[n]) - self._all[name]) for n, name in enumerate(told)})
