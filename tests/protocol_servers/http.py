"""A small HTTP/1.1 server whose answers, silences and broken connections a test decides.

Frameworks answer politely whatever happens; providers do not. What a subclass returns from :meth:`respond` is sent; a
:class:`Fault` decides what happens on the wire instead. Requests are counted and kept.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote, urlsplit

Fault = Literal["", "silent", "silent after accept", "reset", "reset after accept", "closed"]
"""``silent``: never answers; ``reset``: the connection breaks; *after accept*: having carried the request out."""


@dataclass(frozen=True)
class Request:
    """One request. Header names in lower case."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Its body."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Response:
    """An answer; ``body`` is sent as JSON, bytes as they are."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


class HttpServer:
    """Serves on loopback from :meth:`start` to :meth:`stop`."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.fault: Fault = ""
        self.answer: Response | None = None
        """Sent instead of what the protocol would say, before anything is carried out."""
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._released = asyncio.Event()

    async def respond(self, request: Request) -> Response:
        """What the protocol says."""
        raise NotImplementedError

    async def start(self) -> None:
        """Listen on a free port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop(self) -> None:
        """Break every connection, and end."""
        self._released.set()
        if self._server is not None:
            self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    @property
    def url(self) -> str:
        """Where it listens."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                request = await _read(reader)
                if request is None or not await self._handle(request, writer):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _handle(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Answer; False where the connection is over."""
        self.requests.append(request)
        if self.fault in ("silent", "reset"):
            return await self._fail(writer)
        response = self.answer or await self.respond(request)
        if self.fault:
            return await self._fail(writer)
        writer.write(_wire(response))
        await writer.drain()
        return True

    async def _fail(self, writer: asyncio.StreamWriter) -> bool:
        if self.fault.startswith("silent"):
            await self._released.wait()
        elif self.fault.startswith("reset"):
            writer.transport.abort()
        return False


async def _read(reader: asyncio.StreamReader) -> Request | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    parts = urlsplit(target)
    return Request(method, unquote(parts.path), dict(parse_qsl(parts.query, keep_blank_values=True)), headers, body)


def _wire(response: Response) -> bytes:
    told = response.body
    body = told if isinstance(told, bytes) else json.dumps(told, ensure_ascii=False).encode()
    headers = {"content-type": "application/json", "content-length": str(len(body)), **response.headers}
    lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body
