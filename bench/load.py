"""A cheap HTTP client for loads: requests made beforehand, keep-alive connections, next to no parsing.

Loopback only, bounded in count. ``asyncio.Protocol`` without streams: some 20 µs of CPU time a request.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Load:
    """What came of a load: seconds in all, and of each request."""

    took: float
    seconds: list[float]
    refused: int


@dataclass
class _Connection(asyncio.Protocol):
    """Sends the next request as soon as the one before is answered."""

    requests: Iterator[bytes]
    done: asyncio.Future[None]
    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    _transport: asyncio.Transport | None = None
    _buffer: bytes = b""
    _sent: float = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if not isinstance(transport, asyncio.Transport):
            raise TypeError(type(transport))
        self._transport = transport
        self._next()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, end, rest = self._buffer.partition(b"\r\n\r\n")
        if not end or len(rest) < _content_length(head):
            return
        self._buffer = b""
        self.seconds.append(time.perf_counter() - self._sent)
        self.refused += not head.startswith(b"HTTP/1.1 200")
        self._next()

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("closed by the server"))

    def _next(self) -> None:
        request = next(self.requests, None)
        if self._transport is None or request is None:
            self.done.set_result(None)
            return
        self._sent = time.perf_counter()
        self._transport.write(request)


async def send_all(port: int, requests: Sequence[bytes], connections: int) -> Load:
    """Send requests on so many connections side by side, each when the one before it is answered."""
    loop = asyncio.get_running_loop()
    left = iter(requests)
    opened: list[_Connection] = []
    transports: list[asyncio.Transport] = []
    began = time.perf_counter()
    for _ in range(connections):
        one = _Connection(left, loop.create_future())
        transport, _protocol = await loop.create_connection(lambda one=one: one, HOST, port)  # type: ignore[misc]
        opened.append(one)
        transports.append(transport)
    await asyncio.gather(*(one.done for one in opened))
    took = time.perf_counter() - began
    for transport in transports:
        transport.close()
    return Load(took, [value for one in opened for value in one.seconds], sum(one.refused for one in opened))


def post(path: str, body: bytes, authorization: str) -> bytes:
    """One request, as it goes over the wire."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {HOST}\r\nAuthorization: {authorization}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def _content_length(head: bytes) -> int:
    name = b"content-length:"
    lower = head.lower()
    start = lower.index(name) + len(name)
    end = lower.find(b"\r\n", start)
    return int(lower[start : end if end >= 0 else None])
