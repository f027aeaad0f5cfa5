"""Who may send events: a write key, as Segment's client libraries send it; and how many it may send.

Keys come from the settings and from the console. The console's are read from the database at most every few seconds, by
one task at a time; while it is away those that were read last go on.
"""

import asyncio
import base64
import binascii
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request

from api.http.problems import ApiProblem
from api.intake.key_limits import KeyLimits
from orchestrator.settings import Settings
from orchestrator.store.accounts.people import fingerprint
from orchestrator.store.intake.write_keys import KeyKind, LiveKey, live_keys, note_use

log = structlog.get_logger(__name__)

FRESH = 3.0
"""Seconds for which what was read is believed: so long a key that is revoked may go on."""
AGAIN = 1.0
"""Seconds between two looks for the sake of keys that nobody knows."""
PATIENCE = 2.0
"""Seconds to wait for the database before a key that is not known yet is answered with 503."""
PATIENCE_WITH_KNOWN = 0.3
"""The same for a key that was known when the database was read last, long ago: then it goes on."""
NOTED_EVERY = 60.0


@dataclass(frozen=True, slots=True)
class WriteKey:
    """A key that opens intake. ``name``: what it is counted by."""

    kind: KeyKind
    name: str
    id: UUID | None = None
    per_minute: int | None = None


def keys_of(settings: Settings) -> dict[bytes, WriteKey]:
    """The settings' keys, by their hashes."""
    given: list[tuple[KeyKind, str]] = [("server", key) for key in settings.write_keys]
    given += [("browser", key) for key in settings.browser_keys]
    return {fingerprint(key): WriteKey(kind, f"settings:{n}") for n, (kind, key) in enumerate(given)}


@dataclass
class WriteKeys:
    """The keys that open intake. ``engine`` None: the settings' alone."""

    own: dict[bytes, WriteKey]
    engine: AsyncEngine | None = None
    limits: KeyLimits = field(default_factory=KeyLimits)
    _made: dict[bytes, WriteKey] = field(default_factory=dict)
    _read_at: float = float("-inf")
    _tried_at: float = float("-inf")
    _reading: asyncio.Task[None] | None = None
    _used: set[UUID] = field(default_factory=set)
    _browsed: set[UUID] = field(default_factory=set)
    _noted_at: float = float("-inf")
    _seen: set[UUID] = field(default_factory=set)
    """Keys whose use this process has noted at once: somebody waits for the first event of a new one."""
    _noting: set[asyncio.Task[None]] = field(default_factory=set)

    async def of_header(self, request: Request) -> WriteKey | None:
        """The key that is the user name of basic authentication; None where there is none, and the body has to tell."""
        given = _of_header(request.headers.get("authorization"))
        return None if given is None else await self._known(given, "Authorization", request)

    async def of_body(self, request: Request, document: dict[str, Any]) -> WriteKey:
        """The key in ``writeKey``."""
        key = document.get("writeKey")
        if key is None or key == "":
            raise ApiProblem("missing_write_key", "writeKey")
        given = key.encode(errors="replace") if isinstance(key, str) else b""
        return await self._known(given, "writeKey", request)

    async def _known(self, given: bytes, place: str, request: Request) -> WriteKey:
        key = await self._find(fingerprint(given.decode("utf-8", "replace")))
        if key is None:
            raise ApiProblem("unknown_write_key", place)
        self._note(key, _from_a_page(request))
        return key

    async def close(self) -> None:
        """Ends what is under way."""
        tasks = [*self._noting, *([self._reading] if self._reading is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _find(self, hashed: bytes) -> WriteKey | None:
        """In a time that tells nothing about the keys: what is looked up is a hash."""
        found = self.own.get(hashed)
        if found is not None or self.engine is None:
            return found
        now, known = monotonic(), hashed in self._made
        if now - self._read_at > FRESH if known else now - self._tried_at > AGAIN:
            self._look(self.engine)
        if self._reading is not None and not (known and now - self._read_at <= 2 * FRESH):
            await asyncio.wait([self._reading], timeout=PATIENCE_WITH_KNOWN if known else PATIENCE)
        found = self._made.get(hashed)
        if found is None and self._read_at < self._tried_at:
            raise ApiProblem("unavailable", seconds=2)  # a library that is told 401 throws its events away
        return found

    def _look(self, engine: AsyncEngine) -> None:
        if self._reading is None or self._reading.done():
            self._tried_at = monotonic()
            self._reading = asyncio.create_task(self._read(engine), name="write-keys")

    async def _read(self, engine: AsyncEngine) -> None:
        began = monotonic()
        try:
            found = await live_keys(engine)
            if self._used and began - self._noted_at > NOTED_EVERY:
                used, browsed = self._used, self._browsed
                self._used, self._browsed, self._noted_at = set(), set(), began
                await note_use(engine, used, browsed)
        except (SQLAlchemyError, OSError) as problem:
            log.warning("write keys cannot be read; those of before go on", problem=type(problem).__name__)
            return
        self._made = {one.key_hash: _as_key(one) for one in found}
        self._read_at = max(began, self._tried_at)

    def _note(self, key: WriteKey, browsing: bool) -> None:
        if key.id is None:
            return
        self._used.add(key.id)
        if browsing and key.kind == "server":
            self._browsed.add(key.id)
        if key.id not in self._seen and self.engine is not None:
            self._seen.add(key.id)
            task = asyncio.create_task(self._note_now(self.engine, key.id), name="write-key-first-use")
            self._noting.add(task)
            task.add_done_callback(self._noting.discard)

    async def _note_now(self, engine: AsyncEngine, key: UUID) -> None:
        try:
            await note_use(engine, {key}, set())
        except (SQLAlchemyError, OSError) as problem:
            self._seen.discard(key)
            log.warning("the first use of a write key could not be noted", problem=type(problem).__name__)


def _as_key(one: LiveKey) -> WriteKey:
    return WriteKey(one.kind, str(one.id), one.id, one.per_minute)


def _of_header(authorization: str | None) -> bytes | None:
    scheme, _, value = (authorization or "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        return base64.b64decode(value.strip(), validate=True).partition(b":")[0]
    except (binascii.Error, ValueError):
        raise ApiProblem("unknown_write_key", "Authorization") from None


def _from_a_page(request: Request) -> bool:
    """Whether a browser's page sent this: browsers say so, and pages cannot keep them from it."""
    return any(name == b"sec-fetch-site" or (name == b"origin" and value) for name, value in request.scope["headers"])
