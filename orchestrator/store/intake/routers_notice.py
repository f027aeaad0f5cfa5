"""Word to the routers that there are new events: at most every 20 ms, and never none.

A notification makes all transactions that carry one commit one after another, over all processes, and wakes every
router: under load that is paid for events that the router would find anyway.
"""

import asyncio
import contextlib
from collections.abc import Callable
from time import monotonic

import psycopg

from orchestrator.store.events.system_events import EVENTS_CHANNEL
from orchestrator.store.intake.identities import Connection

EVERY = 0.02
_NOTIFY = "select pg_notify(%s, '')"


class RoutersNotice:
    """What one writer has said, and owes. ``wake``: called when it is time to say what is owed."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._said_at = float("-inf")
        self._owed = False
        self._timer: asyncio.TimerHandle | None = None

    async def add_to(self, connection: Connection) -> None:
        """Say it in the transaction that stores events, or owe it."""
        if monotonic() - self._said_at < EVERY:
            self._owed = True
        else:
            await connection.execute(_NOTIFY, (EVENTS_CHANNEL,))
            self._said_at, self._owed = monotonic(), False

    async def settle(self, connection: Connection | None) -> None:
        """Nothing more is stored at the moment: say what is owed, or see to it that it is said when it is time."""
        if not self._owed:
            return
        left = self._said_at + EVERY - monotonic()
        if left > 0:
            if self._timer is None:
                self._timer = asyncio.get_running_loop().call_later(left, self._ring)
            return
        self._owed = False
        if connection is not None:
            with contextlib.suppress(psycopg.Error):  # routers look by themselves every second
                await connection.execute(_NOTIFY, (EVENTS_CHANNEL,))
                await connection.commit()
            self._said_at = monotonic()

    def close(self) -> None:
        """Forget what was planned."""
        if self._timer is not None:
            self._timer.cancel()

    def _ring(self) -> None:
        self._timer = None
        self._wake()
