"""How much intake takes on at once: what is more is told to come back, before it costs anything.

Without a bound, everything that arrives in a rush is read into memory and answered late, when the caller has given up
and is sending it again. What is turned away here is read to its end all the same: a connection that is closed in the
middle of a request looks like a fault of the network, and its caller learns nothing.

Turning away costs time of the same loop that stores, so it is paced: beyond so many refusals a second each waits for
its turn, for seconds at most, and is told to come back the later, the more are waiting. Without that, callers who ask
again at once leave nothing of the process for those who were let in.
"""

import asyncio
import contextlib
import ctypes
import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.requests import Request

from api.http.problems import ApiProblem

MOST_REQUESTS = 1_000
"""Under way at once: half a second's worth of single calls."""
MOST_BYTES = 64 * 1024 * 1024
"""Of their bodies."""
LONGEST_DRAIN = 1024 * 1024
REFUSALS = 300.0
"""A second: a tenth of what a core can answer."""
LONGEST_HOLD = 4.0
"""Seconds that a refusal waits for its turn: as long as callers wait who are let in."""
LONGEST_RETRY = 30.0
"""Seconds after which a caller is asked to come back, at most."""
_REST = 5.0
"""Seconds without a rush after which memory is given back."""


@dataclass
class Admission:
    """What is under way in this process."""

    most_requests: int = MOST_REQUESTS
    most_bytes: int = MOST_BYTES
    requests: int = 0
    bytes: int = 0
    _next_refusal: float = float("-inf")
    _rest: asyncio.TimerHandle | None = None

    async def require_room(self, request: Request) -> None:
        """Raises the problem ``busy`` where too much is under way; the request's body is read and forgotten."""
        if self.requests < self.most_requests and self.bytes < self.most_bytes:
            return
        read = 0
        async for chunk in request.stream():
            read += len(chunk)
            if read > LONGEST_DRAIN:
                break
        self._rest_later()
        ahead = self.take_turn(asyncio.get_running_loop().time())
        if ahead > 0:
            await asyncio.sleep(min(ahead, LONGEST_HOLD))
        raise ApiProblem("busy", seconds=1 + int(ahead))

    def take_turn(self, now: float) -> float:
        """Seconds until the turn of a refusal that comes ``now`` (monotonic seconds)."""
        turn = min(max(self._next_refusal, now), now + LONGEST_RETRY)
        self._next_refusal = turn + 1 / REFUSALS
        return turn - now

    @contextmanager
    def under_way(self) -> Iterator[None]:
        """While a request is worked on."""
        self.requests += 1
        try:
            yield
        finally:
            self.requests -= 1

    @contextmanager
    def holding(self, size: int) -> Iterator[None]:
        """While a body of this size is held."""
        self.bytes += size
        try:
            yield
        finally:
            self.bytes -= size

    def _rest_later(self) -> None:
        if self._rest is not None:
            self._rest.cancel()
        self._rest = asyncio.get_running_loop().call_later(_REST, give_memory_back)

    def close(self) -> None:
        """Forgets what was planned."""
        if self._rest is not None:
            self._rest.cancel()


def give_memory_back() -> None:
    """Hands what a rush has left behind back to the system: the allocator keeps it otherwise, for good."""
    gc.collect()
    if sys.platform.startswith("linux"):
        with contextlib.suppress(OSError, AttributeError):  # another C library than GNU's
            ctypes.CDLL("libc.so.6").malloc_trim(0)
