"""Write keys made in the console: who may send events, and what a key may say. By real time.

A *server key* is a secret between the shop's servers and us, stored as its hash alone. A *browser key* stands in pages
and apps, where everybody can read it: it is kept as it is, to be looked up again, and may say little.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.store.accounts.people import fingerprint

KeyKind = Literal["server", "browser"]
KINDS: tuple[KeyKind, ...] = get_args(KeyKind)
PREFIXES: dict[KeyKind, str] = {"server": "sjs_", "browser": "sjb_"}
OVERLAP = timedelta(hours=24)
"""How long the old key goes on beside the new one when it is rotated: long enough to bring the new one everywhere."""
_SHOWN = 8

_ALIVE = "revoked_at is null and (ends_at is null or ends_at > :now)"
_LIVE = text(f"select id, kind, key_hash, per_minute from write_keys where {_ALIVE}")
_LIST = text("""
select id, name, kind, start, shown, per_minute, created_by, created_at, used_at, ends_at, revoked_at, browsed_at
from write_keys order by revoked_at is not null, created_at desc, id
""")
_INSERT = text("""
insert into write_keys (id, name, kind, key_hash, start, shown, per_minute, created_by, created_at)
values (:id, :name, :kind, :hash, :start, :shown, :per_minute, :by, :now)
""")
_ROTATE = text(
    f"update write_keys set ends_at = :ends where id = :id and {_ALIVE} and ends_at is null "
    "returning name, kind, per_minute"
)
_LIMIT = text("update write_keys set per_minute = :per_minute where id = :id and revoked_at is null")
_REVOKE = text("update write_keys set revoked_at = coalesce(revoked_at, :now) where id = :id")
_USED = text("update write_keys set used_at = :now where id = any(:ids)")
_BROWSED = text("update write_keys set browsed_at = :now where id = any(:ids)")


@dataclass(frozen=True)
class KeyRow:
    """A key as people look at it. ``shown``: the whole key, of browser keys only. ``browsed_at``: when a server key was
    last used from a page, where it must not be."""

    id: UUID
    name: str
    kind: KeyKind
    start: str
    shown: str | None
    per_minute: int | None
    created_by: str
    created_at: datetime
    used_at: datetime | None
    ends_at: datetime | None
    revoked_at: datetime | None
    browsed_at: datetime | None

    @property
    def state(self) -> Literal["live", "ending", "ended", "revoked"]:
        """Whether it opens anything, and for how long."""
        if self.revoked_at is not None:
            return "revoked"
        if self.ends_at is None:
            return "live"
        return "ending" if self.ends_at > datetime.now(UTC) else "ended"


@dataclass(frozen=True, slots=True)
class LiveKey:
    """A key that opens intake. ``per_minute``: events; None: as many as come."""

    id: UUID
    kind: KeyKind
    key_hash: bytes
    per_minute: int | None


async def live_keys(engine: AsyncEngine) -> list[LiveKey]:
    """Every key that opens intake now."""
    async with engine.connect() as db:
        return [LiveKey(*row) for row in await db.execute(_LIVE, {"now": datetime.now(UTC)})]


async def list_keys(engine: AsyncEngine) -> list[KeyRow]:
    """All keys, the newest first, those that are revoked last."""
    async with engine.connect() as db:
        return [KeyRow(*row) for row in await db.execute(_LIST)]


async def create_key(engine: AsyncEngine, *, name: str, kind: KeyKind, per_minute: int | None, by: str) -> str:
    """A new key; a server key is to be shown now and never again."""
    async with engine.begin() as db:
        return await _create(db, name, kind, per_minute, by)


async def rotate_key(engine: AsyncEngine, identity: UUID, by: str) -> tuple[KeyKind, str] | None:
    """A new key in the place of this one, which ends :data:`OVERLAP` from now. None: it ends already, or never was."""
    now = datetime.now(UTC)
    async with engine.begin() as db:
        row = (await db.execute(_ROTATE, {"id": identity, "now": now, "ends": now + OVERLAP})).one_or_none()
        return None if row is None else (row.kind, await _create(db, row.name, row.kind, row.per_minute, by))


async def limit_key(engine: AsyncEngine, identity: UUID, per_minute: int | None) -> None:
    """From now on it admits so many events a minute."""
    async with engine.begin() as db:
        await db.execute(_LIMIT, {"id": identity, "per_minute": per_minute})


async def revoke_key(engine: AsyncEngine, identity: UUID) -> None:
    """From now on it opens nothing."""
    async with engine.begin() as db:
        await db.execute(_REVOKE, {"id": identity, "now": datetime.now(UTC)})


async def note_use(engine: AsyncEngine, used: set[UUID], browsed: set[UUID]) -> None:
    """When keys were used last; ``browsed``: server keys that came from a page."""
    async with engine.begin() as db:
        await db.execute(_USED, {"ids": list(used), "now": datetime.now(UTC)})
        if browsed:
            await db.execute(_BROWSED, {"ids": list(browsed), "now": datetime.now(UTC)})


async def _create(db: AsyncConnection, name: str, kind: KeyKind, per_minute: int | None, by: str) -> str:
    key = PREFIXES[kind] + secrets.token_urlsafe(32)
    given = {"id": uuid4(), "name": name, "kind": kind, "hash": fingerprint(key), "start": key[:_SHOWN], "by": by}
    shown = key if kind == "browser" else None
    await db.execute(_INSERT, {**given, "shown": shown, "per_minute": per_minute, "now": datetime.now(UTC)})
    return key
