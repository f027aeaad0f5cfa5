"""Temporal deletes histories in its own time: an erasure is finished in the background, when nothing is left."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from uuid import UUID

PAUSE = 5.0
"""Seconds between two looks."""
LOOKS = 360
"""Then it is left to whoever opens the receipt, or to the next process that starts."""


class ErasureFollowUp:
    """The erasures that one process of the API waits for. ``look``: whether one is finished now."""

    def __init__(self, look: Callable[[UUID], Awaitable[bool]], pause: float = PAUSE) -> None:
        self._look, self._pause = look, pause
        self._tasks: dict[UUID, asyncio.Task[None]] = {}

    def begin(self, identity: UUID) -> None:
        """Look after one, unless this process does already."""
        if identity not in self._tasks:
            task = asyncio.create_task(self._wait(identity), name="erasure-follow-up")
            self._tasks[identity] = task
            task.add_done_callback(lambda _: self._tasks.pop(identity, None))

    async def close(self) -> None:
        """Leave off; the next process goes on."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _wait(self, identity: UUID) -> None:
        for _ in range(LOOKS):
            with contextlib.suppress(Exception):  # whatever is away: it is looked again
                if await self._look(identity):
                    return
            await asyncio.sleep(self._pause)
