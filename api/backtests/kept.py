"""Back-tests that run and that have run lately: by this process, and in Redis, where its neighbours find them."""

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from redis.asyncio import Redis
from redis.exceptions import RedisError

from orchestrator.core.text import Text

KEPT = 24 * 3_600
"""Seconds for which figures can be looked at."""
MOST_KEPT = 20
"""By this process itself, should Redis be away."""
SILENT = timedelta(seconds=60)
"""Whoever runs one writes more often than that."""
OVER = frozenset({"done", "cancelled", "failed"})
INTERRUPTED = Text("The server was restarted meanwhile. Start again.")
Record = dict[str, Any]


class KeptBacktests:
    """Records by id, with the ids of customers whose ways differ beside them."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._own: dict[UUID, tuple[Record, dict[str, list[str]]]] = {}

    async def keep(self, identity: UUID, record: Record, differing: dict[str, list[str]]) -> None:
        """As it is now."""
        record = {**record, "written_at": datetime.now(UTC).isoformat()}
        self._own.pop(identity, None)
        self._own[identity] = record, differing
        while len(self._own) > MOST_KEPT:
            del self._own[next(iter(self._own))]
        with contextlib.suppress(RedisError, OSError):
            await self._redis.set(_name(identity), orjson.dumps(record), ex=KEPT)
            if record["state"] in OVER and differing:
                await self._redis.set(_name(identity, "customers"), orjson.dumps(differing), ex=KEPT)

    async def find(self, identity: UUID) -> Record | None:
        """The record; of one whose process is gone, that it was interrupted."""
        if identity in self._own:
            return self._own[identity][0]
        told = await self._read(identity)
        if told is None:
            return None
        record: Record = told
        written = datetime.fromisoformat(record["written_at"])
        if record["state"] not in OVER and datetime.now(UTC) - written > SILENT:
            return {**record, "state": "failed", "problem": INTERRUPTED.by_locale()}
        return record

    async def differing(self, identity: UUID) -> dict[str, list[str]]:
        """Ids of customers by kind."""
        if identity in self._own:
            return self._own[identity][1]
        return await self._read(identity, "customers") or {}

    async def ask_to_cancel(self, identity: UUID) -> None:
        """Whoever runs it sees that."""
        with contextlib.suppress(RedisError, OSError):
            await self._redis.set(_name(identity, "cancel"), b"1", ex=KEPT)

    async def is_to_be_cancelled(self, identity: UUID) -> bool:
        with contextlib.suppress(RedisError, OSError):
            return bool(await self._redis.exists(_name(identity, "cancel")))
        return False

    async def _read(self, identity: UUID, part: str = "") -> Any:
        with contextlib.suppress(RedisError, OSError):
            found = await self._redis.get(_name(identity, part))
            return None if found is None else orjson.loads(found)
        return None


def _name(identity: UUID, part: str = "") -> str:
    return f"backtest:{identity}:{part}" if part else f"backtest:{identity}"
