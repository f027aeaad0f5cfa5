"""Live counts for many readers at the price of one: a journey that is watched is counted by one task of the process.

Counting costs the database what the journey is large; so the next count waits at least half a second, and at least
four times as long as the last one took: watching takes at most a fifth of one connection's time, however large.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson
import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from api.http.problems import ApiProblem
from orchestrator.store.journeys.live_counts import load_flow, load_goals

log = structlog.get_logger(__name__)

SHORTEST_WAIT = 0.5
SHARE = 4
"""How many times as long as a count took the next is waited for."""
HEARTBEAT = 15.0
"""Seconds between signs of life on a quiet stream: proxies cut a silent connection after a minute or less."""
LONGEST = 900.0
"""Seconds; a browser comes back by itself, and shows again who it is."""
RETRY = 2_000
"""Milliseconds after which a browser that lost the stream asks again."""
MOST_READERS = 400
AT_ONCE = 2
"""Counts at one time, so that many watched journeys leave connections for everybody else."""


async def count_live(engine: AsyncEngine, key: str) -> dict[str, Any]:
    """A journey's figures now, as the API gives them; without the instant."""
    flow, goals = await load_flow(engine, key), await load_goals(engine, key)
    return {
        "entered": flow.entered,
        "here": flow.live,
        "finished": flow.finished,
        "steps": {
            step: {
                "here": at.here,
                "troubled": at.troubled,
                "entered": at.entered,
                "ended": at.ended,
                "left": dict(sorted(at.ports.items())),
                "sends": dict(sorted(at.sends.items())),
            }
            for step, at in sorted(flow.steps.items())
            if step
        },
        "goals": [{**vars(goal), "value": goal.value, "currency": goal.currency} for goal in goals],
    }


@dataclass
class _Feed:
    key: str
    readers: int = 0
    number: int = 0
    counted: dict[str, Any] | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None

    def publish(self, counted: dict[str, Any]) -> None:
        """Wakes whoever waits; each reader takes the newest, so that a slow one falls behind in nothing."""
        self.number, self.counted = self.number + 1, counted
        self.changed.set()
        self.changed = asyncio.Event()


class LiveFeeds:
    """All watched journeys of this process."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._feeds: dict[str, _Feed] = {}
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._closing = asyncio.Event()

    @property
    def readers(self) -> int:
        """Streams that are open."""
        return sum(feed.readers for feed in self._feeds.values())

    @property
    def counting(self) -> int:
        """Journeys that are being counted."""
        return len(self._feeds)

    def close(self) -> None:
        """Ends every stream: the process stops, and a browser finds the next one by itself."""
        self._closing.set()

    def check_room(self) -> None:
        """Refuses one more reader where there are too many."""
        if self.readers >= MOST_READERS:
            raise ApiProblem("busy", None, seconds=30)

    async def stream(self, key: str, now: Callable[[], datetime]) -> AsyncGenerator[bytes, None]:
        """Server-sent events, until the reader goes. ``now`` gives the instant that each is of."""
        feed = self._join(key)
        loop = asyncio.get_running_loop()
        end, seen = loop.time() + LONGEST, 0
        try:
            yield f"retry: {RETRY}\n\n".encode()
            while not self._closing.is_set() and loop.time() < end:
                if feed.number == seen and not await self._newer(feed):
                    yield b": still here\n\n"
                    continue
                if feed.number != seen:
                    seen = feed.number
                    data = orjson.dumps({"at": now(), **(feed.counted or {})}, option=orjson.OPT_UTC_Z)
                    yield b"event: live\ndata: " + data + b"\n\n"
        finally:
            self._leave(feed)

    async def _newer(self, feed: _Feed) -> bool:
        """Whether something came before the next sign of life is due (the end of the process is something)."""
        waits = [asyncio.ensure_future(feed.changed.wait()), asyncio.ensure_future(self._closing.wait())]
        try:
            done, _ = await asyncio.wait(waits, timeout=HEARTBEAT, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waits:
                one.cancel()
        return bool(done)

    def _join(self, key: str) -> _Feed:
        feed = self._feeds.setdefault(key, _Feed(key))
        feed.readers += 1
        if feed.task is None:
            feed.task = asyncio.create_task(self._count(feed), name=f"live {key}")
        return feed

    def _leave(self, feed: _Feed) -> None:
        feed.readers -= 1
        if feed.readers == 0:
            self._feeds.pop(feed.key, None)
            if feed.task is not None:
                feed.task.cancel()

    async def _count(self, feed: _Feed) -> None:
        """Counts as long as anybody watches. A database that is away is asked again, and nobody's stream ends."""
        loop = asyncio.get_running_loop()
        while True:
            took = 0.0
            try:
                async with self._turn:
                    begun = loop.time()
                    counted = await count_live(self._engine, feed.key)
                    took = loop.time() - begun
                if counted != feed.counted:
                    feed.publish(counted)
            except (SQLAlchemyError, OSError) as error:
                log.warning("live counts wait for the database", problem=type(error).__name__)
                took = 1.0
            await asyncio.sleep(max(SHORTEST_WAIT, SHARE * took))
