"""How often somebody may try to sign in: counted in Redis for all processes, and here while Redis is away.

Attempts are counted before a password is looked at, by hashes: what stands in Redis names nobody.
"""

import asyncio
import hashlib
import time
from ipaddress import IPv6Address, ip_address

import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError
from starlette.requests import Request

log = structlog.get_logger(__name__)

WINDOW = 15 * 60
"""Seconds in which attempts are counted together."""
OF_PERSON_FROM_ADDRESS, OF_ADDRESS, OF_PERSON = 8, 40, 80
"""Attempts in a window. The last is high: else a stranger could shut somebody out by failing in their name."""
_PATIENCE = 0.5
_MOST_KEPT = 20_000


class Throttle:
    """Counts attempts."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._here: dict[str, tuple[int, float]] = {}

    async def admits(self, person: str, address: str) -> bool:
        """Counts an attempt, and says whether it may be made at all."""
        place = _network(address)
        limits = {
            _key("both", person, place): OF_PERSON_FROM_ADDRESS,
            _key("place", place): OF_ADDRESS,
            _key("person", person): OF_PERSON,
        }
        counts = await self._count(list(limits))
        return all(count <= limit for count, limit in zip(counts, limits.values(), strict=True))

    async def admits_page(self, page: str, address: str, most: int) -> bool:
        """Counts one use of a page that is open to everybody; at most ``most`` of a network in a window."""
        [count] = await self._count([_key(page, _network(address))])
        return count <= most

    async def clear_failures(self, person: str, address: str) -> None:
        """Clears the failed attempts of somebody who has signed in."""
        key = _key("both", person, _network(address))
        self._here.pop(key, None)
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._redis.delete(key)
        except (RedisError, OSError, TimeoutError):
            return

    async def _count(self, keys: list[str]) -> list[int]:
        try:
            async with asyncio.timeout(_PATIENCE), self._redis.pipeline(transaction=True) as pipe:
                for key in keys:
                    pipe.set(key, 0, ex=WINDOW, nx=True)
                    pipe.incr(key)
                return [int(count) for count in (await pipe.execute())[1::2]]
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("sign-in attempts are counted in this process only", problem=type(error).__name__)
            return [self._count_here(key) for key in keys]

    def _count_here(self, key: str) -> int:
        now = time.monotonic()
        if len(self._here) > _MOST_KEPT:
            self._here = {kept: value for kept, value in self._here.items() if value[1] > now}
        count, until = self._here.get(key, (0, 0.0))
        self._here[key] = (count + 1, until) if until > now else (1, now + WINDOW)
        return self._here[key][0]


def throttle_of(request: Request) -> Throttle:
    """This process's."""
    state = request.app.state
    if not hasattr(state, "throttle"):
        state.throttle = Throttle(state.resources.redis)
    throttle: Throttle = state.throttle
    return throttle


def _key(kind: str, *parts: str) -> str:
    digest = hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]
    return f"sojourn:sign-in:{kind}:{digest}"


def _network(address: str) -> str:
    """The address; of IPv6 the network, in which one subscriber has all addresses."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    return parsed.exploded[:19] if isinstance(parsed, IPv6Address) else address
