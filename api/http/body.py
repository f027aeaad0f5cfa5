"""A request's body, bounded and unpacked: nothing here trusts what it is sent."""

import asyncio
import json
import zlib
from collections.abc import Callable, Coroutine
from typing import Any

import orjson
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from api.http.access import Require, admit
from api.http.problems import ApiProblem
from orchestrator.core.characters import is_composed, storable

MOST_BYTES = 500 * 1024
"""Of a body, packed or unpacked."""
LARGE = 64 * 1024
"""Bytes of a body from which on it is parsed in a thread: about a millisecond's."""
MOST_LEVELS = 200


async def read_body(request: Request, limit: int = MOST_BYTES) -> bytes:
    """The unpacked body; reads and unpacks no more than ``limit`` bytes of it, however much is sent."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", ""):
        raise ApiProblem("unsupported_encoding", "Content-Encoding", encoding=encoding[:40])
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise ApiProblem("body_too_large", limit=limit)
    return _gunzip(body, limit) if encoding == "gzip" else bytes(body)


class BoundedBody(APIRoute):
    """A route whose JSON body FastAPI reads into a model, after it was read and mended as every other body of ours.

    ``most``: bytes. Whoever sends more than most bodies have is asked first who they are: ``sender``.
    """

    most = MOST_BYTES
    sender: Require | None = None

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The route, given what was read."""
        handler = super().get_route_handler()

        async def answer(request: Request) -> Response:
            if request.method in ("POST", "PUT", "PATCH"):
                if self.sender is not None:
                    await admit(request, self.sender)
                request._body = await read_body(request, self.most)
                if request._body:
                    request._json = await parse_large_json(request._body)
            return await handler(request)

        return answer


def _gunzip(body: bytes | bytearray, limit: int) -> bytes:
    unpacker = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        unpacked = unpacker.decompress(body, limit + 1)
    except zlib.error:
        raise ApiProblem("invalid_gzip") from None
    if len(unpacked) > limit:
        raise ApiProblem("body_too_large", limit=limit)
    if not unpacker.eof:
        raise ApiProblem("invalid_gzip")
    return unpacked


def parse_json(body: bytes) -> Any:
    """The body's JSON, its texts in NFC and with nothing in them that PostgreSQL cannot hold (``core/characters.py``).

    What client libraries do send although JSON or Unicode forbid it is mended, not refused: Python's ``NaN`` becomes
    null, half of an emoji (a lone surrogate) becomes U+FFFD, the NUL character disappears.
    """
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        value = _parse_leniently(body)
        return sanitize(value)
    return value if _is_storable(body, value) else sanitize(value)


def _is_storable(body: bytes, value: Any) -> bool:
    """Whether nothing has to be mended: seen at once, for every event passes here."""
    if b"\\u" in body:  # letters that are written as numbers (Python, PHP): looked at as they are read
        return b"\\u0000" not in body and is_composed(orjson.dumps(value).decode())
    return body.isascii() or is_composed(body.decode())


async def parse_large_json(body: bytes) -> Any:
    """The same for a body that may be large, which keeps nobody waiting. What is nested too deeply is refused."""
    return await asyncio.to_thread(_parse_shallow, body) if len(body) > LARGE else _parse_shallow(body)


def _parse_shallow(body: bytes) -> Any:
    value = parse_json(body)
    require_shallow(value)
    return value


def require_shallow(value: Any) -> None:
    """Refuses values that are nested deeper than can be written down again. Raises the problem ``too_deep``."""
    layer = [value]
    for _ in range(MOST_LEVELS + 1):
        inner = [one.values() if isinstance(one, dict) else one for one in layer if isinstance(one, dict | list)]
        layer = [item for items in inner for item in items]
        if not layer:
            return
    raise ApiProblem("too_deep", limit=MOST_LEVELS)


def _parse_leniently(body: bytes) -> Any:
    try:
        return json.loads(body.decode("utf-8-sig"), parse_constant=lambda _: None, parse_int=_parse_int)
    except UnicodeDecodeError as error:
        raise ApiProblem("invalid_json", position=error.start) from None
    except json.JSONDecodeError as error:
        raise ApiProblem("invalid_json", position=error.pos) from None
    except RecursionError:
        raise ApiProblem("too_deep", limit=MOST_LEVELS) from None


def _parse_int(digits: str) -> int | float:
    """JSON knows no largest number, our store does: beyond 64 bits it is a floating-point number."""
    if len(digits) < 20 and -(2**63) <= (number := int(digits)) < 2**63:
        return number
    return float(digits)


def sanitize(value: Any) -> Any:
    """The same without what PostgreSQL cannot hold: the NUL character and lone surrogates."""
    try:
        return storable(value)
    except RecursionError:
        raise ApiProblem("too_deep", limit=MOST_LEVELS) from None
