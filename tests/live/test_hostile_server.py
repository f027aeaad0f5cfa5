"""The hostile corpus over a real server, while a neighbour's track goes on: nobody pays for what others send."""

import asyncio
import time

import httpx2
import pytest

from tests.hostile_requests import Hostile, requests
from tests.live.installation import Installation

LONGEST_ANSWER = 1.0
LONGEST_NEIGHBOUR = 0.3
"""Seconds."""
STEP = 1  # of the corpus


async def send(port: int, request: Hostile) -> tuple[int, float]:
    """Status and seconds of a request written as it is; 0: the server cut the connection without an answer."""
    before = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    headers = dict([(b"host", b"localhost"), *request.headers])
    head = b"%s %s HTTP/1.1\r\n" % (request.method.encode(), request.target)
    lines = b"".join(b"%s: %s\r\n" % pair for pair in headers.items())
    length = b"content-length: %d\r\nconnection: close\r\n\r\n" % len(request.body)
    writer.write(head + lines + length + request.body)
    line = await asyncio.wait_for(reader.readline(), 30)
    writer.close()
    parts = line.split()
    return (int(parts[1]) if len(parts) > 1 else 0), time.monotonic() - before


@pytest.mark.long
async def test_no_hostile_request_holds_up_a_neighbour(installation: Installation) -> None:
    port = installation.settings.port
    over = asyncio.Event()
    waits: list[float] = []

    async def neighbour() -> None:
        n = 0
        while not over.is_set():
            before = time.monotonic()
            answer = await installation.call("track", {"userId": "neighbour", "event": "Viewed", "messageId": f"n{n}"})
            assert answer.status_code == 200
            waits.append(time.monotonic() - before)
            n += 1
            await asyncio.wait([asyncio.ensure_future(over.wait())], timeout=0.05)

    beside = asyncio.ensure_future(neighbour())
    wrong, slow = [], []
    for request in list(requests())[::STEP]:
        try:
            status, seconds = await send(port, request)
        except (OSError, httpx2.HTTPError) as error:
            status, seconds = 599, 0.0
            wrong.append((type(error).__name__, request.name, request.target[:60]))
        if status >= 500:
            wrong.append((status, request.name, request.target[:60]))
        if seconds > LONGEST_ANSWER:
            slow.append((seconds, request.name, request.target[:60]))
    over.set()
    await beside
    assert not wrong
    assert not slow
    assert sorted(waits)[int(len(waits) * 0.99)] < LONGEST_NEIGHBOUR
