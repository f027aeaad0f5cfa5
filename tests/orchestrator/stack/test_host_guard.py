"""The Temporal Web UI answers to this machine's own names only."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from orchestrator.stack.host_guard import HostGuard, hidden_address, names_this_machine
from orchestrator.stack.ports import release_port, reserve_port

HEADS = {
    "localhost": True,
    "localhost:8233": True,
    "127.0.0.1:8233": True,
    "[::1]:8233": True,
    "LocalHost": True,
    "evil.example": False,
    "evil.example:8233": False,
    "localhost.evil.example": False,
    "127.0.0.1.evil.example": False,
    "": False,
    "[::1.evil.example": False,
    "localhost\r\nHost: evil.example": False,
}


@pytest.fixture
async def behind() -> AsyncIterator[tuple[str, int]]:
    """A server that repeats what it was asked."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + head)
        await writer.drain()
        writer.close()

    address = hidden_address()
    server = await asyncio.start_server(serve, address, 0)
    yield address, server.sockets[0].getsockname()[1]
    server.close()


@pytest.fixture
def guard(behind: tuple[str, int]) -> Iterator[HostGuard]:
    port = reserve_port()
    release_port(port)
    found = HostGuard(port, behind)
    found.start()
    yield found
    found.stop()


async def ask(port: int, host: str, more: str = "") -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"GET /api/v1/namespaces HTTP/1.1\r\nHost: {host}\r\n{more}\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer


@pytest.mark.parametrize(("host", "admitted"), HEADS.items())
async def test_only_this_machines_names_are_let_through(guard: HostGuard, host: str, admitted: bool) -> None:
    answer = await ask(guard.port, host)
    assert answer.startswith(b"HTTP/1.1 200" if admitted else b"HTTP/1.1 421")
    assert names_this_machine(f"GET / HTTP/1.1\r\nHost: {host}\r\n\r\n".encode()) is admitted


async def test_each_request_is_judged_so_a_connection_carries_one(guard: HostGuard) -> None:
    second = "Connection: keep-alive\r\n\r\nGET /second HTTP/1.1\r\nHost: evil.example\r\n"
    answer = await ask(guard.port, "localhost", second)
    assert b"Connection: close" in answer
    assert b"keep-alive" not in answer
    assert answer.count(b"HTTP/1.1 200") == 1


async def test_what_is_no_request_is_cut(guard: HostGuard) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", guard.port)
    writer.write(b"x" * 100_000)
    writer.write_eof()
    assert await reader.read() == b""
    writer.close()
