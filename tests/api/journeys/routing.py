"""A router beside the API, with nobody at the other end: what it decides is in the store."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.timing import REAL_TIME
from orchestrator.router.counts import RoutingCounts
from orchestrator.router.route_events import Router
from orchestrator.store.journeys.plans import Plans
from orchestrator.store.runs.routing import RoutingStore


class NobodyThere:
    """Starts and tells runs of which nothing comes."""

    def __init__(self) -> None:
        self.calls: dict[str, int] = {}

    async def start(self, *_: Any, **__: Any) -> bool:
        return True

    async def signal(self, *_: Any, **__: Any) -> bool:
        return True


def router_of(engine: AsyncEngine) -> Router:
    """A router of a store."""
    runs: Any = NobodyThere()
    return Router(RoutingStore(engine), runs, Plans(engine), REAL_TIME, RoutingCounts("redis://127.0.0.1:1"))


@contextlib.asynccontextmanager
async def routing(engine: AsyncEngine) -> AsyncIterator[None]:
    """Events are routed in the meantime."""

    async def go_on() -> None:
        router = router_of(engine)
        while True:
            await router.refresh()
            await router.route_batch()
            await asyncio.sleep(0)

    task = asyncio.create_task(go_on())
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
