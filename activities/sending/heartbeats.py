"""Signs of life while an activity is at work."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from temporalio import activity

HEARTBEAT_EVERY = 3.0
"""Seconds between two signs of life."""


@contextmanager
def heartbeats() -> Iterator[None]:
    """While this lasts, Temporal hears that we are alive: a worker that dies is noticed at the next one missing. Of a
    local activity it hears by the workflow's task."""
    if activity.info().is_local:
        yield
        return
    loop = asyncio.get_running_loop()
    waiting: list[asyncio.TimerHandle] = []

    def beat() -> None:
        activity.heartbeat()
        waiting[:] = [loop.call_later(HEARTBEAT_EVERY, beat)]

    waiting.append(loop.call_later(HEARTBEAT_EVERY, beat))
    try:
        yield
    finally:
        waiting[0].cancel()
