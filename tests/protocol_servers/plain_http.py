"""A small HTTP server for protocol servers to stand on: it can also fail as networks and servers do."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from tests.waiting import forever


@dataclass(frozen=True)
class Request:
    """``headers``: names in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Reply:
    """``behave``: ``drop`` closes without a word, ``hang`` never answers."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    behave: str = ""


def said(value: Any, status: int = 200, **headers: str) -> Reply:
    """A reply in JSON."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply(status, json.dumps(value).encode(), {"content-type": "application/json", **named})


Answer = Callable[[Request], Reply | Awaitable[Reply]]


@dataclass
class Server:
    """A server that listens."""

    port: int
    requests: list[Request] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    """Set with the first request."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[Server]:
    """A server on loopback; each connection may carry several requests."""
    open_now: set[asyncio.Task[Any]] = set()

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_now.add(task)
        try:
            while (request := await _read(reader)) is not None:
                server.requests.append(request)
                server.heard.set()
                made = answer(request)
                reply = made if isinstance(made, Reply) else await made
                if reply.behave == "hang":
                    await forever()
                if reply.behave == "drop":
                    break
                await _write(writer, reply)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            open_now.discard(task)
            writer.close()

    listening = await asyncio.start_server(connection, "127.0.0.1", 0)
    server = Server(listening.sockets[0].getsockname()[1])
    try:
        yield server
    finally:
        listening.close()
        for task in [*open_now]:
            task.cancel()
        await asyncio.sleep(0)


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body)


async def _write(writer: asyncio.StreamWriter, reply: Reply) -> None:
    phrase = HTTPStatus(reply.status).phrase if reply.status in set(HTTPStatus) else "Unknown"
    lines = [f"HTTP/1.1 {reply.status} {phrase}", f"content-length: {len(reply.body)}"]
    lines += [f"{name}: {value}" for name, value in reply.headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode() + reply.body)
    await writer.drain()
