"""How fast a provider is called, over all workers: the generic cell rate algorithm, in Redis.

GCRA (ITU-T I.371) keeps a single instant for each provider: when, at its rate, the next message would be due if every
message before it had kept its distance. A message may come :data:`BURST` earlier than that. Who comes too early by no
more than he is willing to wait takes his place and waits; who would have to wait longer takes none, and is told when
to come again: a second instant, moving at the same rate, keeps those who were sent away from coming all at once.

Unlike a frequency cap this promises nothing to anybody: with Redis away everybody goes, and the provider says "too
many" itself.
"""

from datetime import timedelta
from typing import Any, NamedTuple, cast

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

BURST = 1.0
"""Seconds' worth of messages that may come at once."""
_FORGET = 60

log = structlog.get_logger()

# Microseconds, as whole numbers: a double holds them exactly.
_TAKE = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local interval, burst, patience = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local due = math.max(tonumber(redis.call('HGET', KEYS[1], 'due') or now), now)
local wait = due - burst - now
if wait <= patience then
  redis.call('HSET', KEYS[1], 'due', string.format('%.0f', due + interval))
  redis.call('EXPIRE', KEYS[1], ARGV[4])
  return {1, math.max(wait, 0)}
end
local again = math.max(tonumber(redis.call('HGET', KEYS[1], 'again') or 0), due - burst) + interval
redis.call('HSET', KEYS[1], 'again', string.format('%.0f', again))
redis.call('EXPIRE', KEYS[1], math.ceil((again - now) / 1000000) + ARGV[4])
return {0, again - now}
"""


class Turn(NamedTuple):
    """``taken``: go after ``wait``. Otherwise come again after it. Real time."""

    taken: bool
    wait: timedelta


AT_ONCE = Turn(True, timedelta(0))


class ChannelRate:
    """The turns of all providers."""

    def __init__(self, redis: Redis) -> None:
        self._take = redis.register_script(_TAKE)
        self._warned = False

    async def take(self, provider: str, per_second: float, patience: timedelta) -> Turn:
        """A turn at a provider that takes so many messages a second, for somebody who would wait ``patience``."""
        interval = max(round(1_000_000 / per_second), 1)
        burst = max(round(BURST * 1_000_000) - interval, 0)
        given = [interval, burst, patience // timedelta(microseconds=1), _FORGET]
        try:
            taken, wait = await cast("Any", self._take([f"sojourn:rate:{provider}"], given))
        except (RedisError, OSError, TimeoutError) as error:
            if not self._warned:
                log.warning("channel rates are not kept: Redis is away", problem=type(error).__name__)
            self._warned = True
            return AT_ONCE
        self._warned = False
        return Turn(bool(taken), timedelta(microseconds=int(wait)))
