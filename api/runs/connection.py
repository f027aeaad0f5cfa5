"""The API's own way to Temporal, opened when somebody needs it: its pages work without."""

import asyncio

from api.http.resources import Resources
from workflows.client import Runs
from workflows.connection import connect


class RunsConnection:
    """One for a process. Raises ``RuntimeError`` or ``RPCError`` while Temporal is away."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources
        self._runs: Runs | None = None
        self._opening = asyncio.Lock()

    async def __call__(self) -> Runs:
        """The client."""
        async with self._opening:
            if self._runs is None:
                settings = self._resources.settings
                client = await connect(settings, self._resources.plans, attempts=1)
                self._runs = Runs(client, settings.task_queue, {})
        return self._runs
