"""Who has a journey open, in Redis: each window says so again and again, and is forgotten when it no longer does.

Nothing depends on it: without Redis nobody is seen.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, cast

import orjson
import structlog
from redis.asyncio import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

FORGOTTEN_AFTER = 45.0
"""Seconds without a word. Windows say every fifteen that they are there."""
MOST = 50
"""Windows that are remembered of a journey."""


@dataclass(frozen=True)
class Present:
    """One window. ``person``: id of the account, or how they are known; ``step``: what they have selected."""

    window: str
    person: str
    name: str
    step: str


def _key(journey: str) -> str:
    return f"sojourn:present:{journey}"


async def say_present(redis: Redis, journey: str, present: Present) -> list[Present]:
    """Notes down a window, and tells who else is there: people once each, the one that asks left out."""
    key, now = _key(journey), time.time()
    try:
        async with redis.pipeline(transaction=False) as pipe:
            pipe.hset(key, present.window, orjson.dumps({**asdict(present), "at": now}))
            pipe.expire(key, int(FORGOTTEN_AFTER) * 2)
            pipe.hgetall(key)
            *_, found = await pipe.execute()
        rows = _readable(found)
        gone = [window for window, row in rows.items() if now - row["at"] > FORGOTTEN_AFTER]
        newest = sorted(rows, key=lambda window: -float(rows[window]["at"]))
        if gone or len(rows) > MOST:
            await cast(Any, redis).hdel(key, *dict.fromkeys([*gone, *newest[MOST:]]))
    except (RedisError, OSError) as error:
        log.info("who is here is not known", problem=type(error).__name__)
        return []
    others: dict[str, Present] = {}
    for window in newest[:MOST]:
        row = rows[window]
        if window not in gone and row["person"] != present.person:
            others.setdefault(row["person"], Present(row["window"], row["person"], row["name"], row["step"]))
    return list(others.values())


async def say_gone(redis: Redis, journey: str, window: str) -> None:
    """A window was closed."""
    try:
        await cast(Any, redis).hdel(_key(journey), window)
    except (RedisError, OSError) as error:
        log.info("who left is not known", problem=type(error).__name__)


def _readable(found: Mapping[Any, Any]) -> dict[str, dict[str, Any]]:
    rows: dict[str, dict[str, Any]] = {}
    for window, value in found.items():
        rows[window.decode() if isinstance(window, bytes) else window] = orjson.loads(value)
    return rows
