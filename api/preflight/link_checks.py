"""Links that are being called, and what came of them: kept for a while, so that nobody's server is asked at each look.

What is known is kept in Redis, for every process; without Redis each process knows what it found itself.
"""

import asyncio
import contextlib
import time
from collections.abc import Sequence
from hashlib import blake2b

import orjson
from httpx2 import AsyncClient
from redis.asyncio import Redis
from redis.exceptions import RedisError

from activities.http.link_check import reach
from orchestrator.core.preflight.links import Reached

KEPT = 600
"""Seconds for which an answer counts."""
AT_ONCE = 6
"""Addresses that are called side by side."""


class LinkChecks:
    """One for a process; to be closed, and closes its client (``activities.http.link_check.link_client``)."""

    def __init__(self, redis: Redis, client: AsyncClient) -> None:
        self._redis = redis
        self._client = client
        self._gate = asyncio.Semaphore(AT_ONCE)
        self._known: dict[str, tuple[float, Reached]] = {}
        self._under_way: dict[str, asyncio.Task[None]] = {}

    async def known(self, urls: Sequence[str]) -> dict[str, Reached]:
        """What is known of these addresses by now; the others are being called from now on."""
        now = time.monotonic()
        self._known = {url: found for url, found in self._known.items() if found[0] > now}
        found = {url: self._known[url][1] for url in urls if url in self._known}
        rest = [url for url in urls if url not in found]
        found |= await self._known_to_others(rest)
        for url in rest:
            if url not in found and url not in self._under_way:
                task = asyncio.create_task(self._call(url))
                self._under_way[url] = task
                task.add_done_callback(lambda _, url=url: self._under_way.pop(url, None))  # type: ignore[misc]
        return found

    async def forget(self, urls: Sequence[str]) -> None:
        """Whoever mended a page wants it called again."""
        for url in urls:
            self._known.pop(url, None)
        with contextlib.suppress(RedisError, OSError):
            if urls:
                await self._redis.delete(*(_name(url) for url in urls))

    async def close(self) -> None:
        """Leaves off."""
        for task in list(self._under_way.values()):
            task.cancel()
        await asyncio.gather(*self._under_way.values(), return_exceptions=True)
        await self._client.aclose()

    async def _call(self, url: str) -> None:
        async with self._gate:
            found = await reach(self._client, url)
        self._known[url] = time.monotonic() + KEPT, found
        with contextlib.suppress(RedisError, OSError):
            await self._redis.set(_name(url), orjson.dumps(found.as_json()), ex=KEPT)

    async def _known_to_others(self, urls: Sequence[str]) -> dict[str, Reached]:
        if not urls:
            return {}
        try:
            told = await self._redis.mget([_name(url) for url in urls])
        except (RedisError, OSError):
            return {}
        return {url: Reached.of(orjson.loads(one)) for url, one in zip(urls, told, strict=True) if one is not None}


def _name(url: str) -> str:
    return f"sojourn:link:{blake2b(url.encode(), digest_size=16).hexdigest()}"
