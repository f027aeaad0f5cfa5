"""Named secrets of the workspace: made, listed, rotated, revoked; opened only for the call that needs one.

After a rotation the value of before goes on signing beside the new one for a time, so that whoever receives the calls
can bring the new value everywhere (Standard Webhooks, "Key rotation"). By real time: no simulation calls anybody.
"""

import secrets as random
from base64 import b64decode, b64encode
from binascii import Error as NoBase64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal
from uuid import uuid4

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, AsyncSession

from orchestrator.store.secret_box import Seal

OVERLAP = timedelta(hours=24)
"""How long the value of before goes on signing, unless another time is given."""
LONGEST_OVERLAP = timedelta(days=30)
PURPOSE = "secrets of the workspace"
WHSEC = "whsec_"

Change = Literal["created", "rotated", "hosts", "revoked"]

_LIST = text("""
select name, hosts, created_by, created_at, rotated_at, previous_until, revoked_at from workspace_secrets
order by revoked_at is not null, name
""")
_NAMES = text("select name from workspace_secrets where sealed is not null order by name")
_OPEN = text("""
select name, sealed, hosts, previous_until from workspace_secrets where name = any(:names) and sealed is not null
""")
_LOCKED = text("select sealed from workspace_secrets where name = :name and sealed is not null for update")
_CREATE = text("""
insert into workspace_secrets (name, sealed, hosts, created_by, created_at) values (:name, :sealed, :hosts, :by, :now)
on conflict (name) do update set sealed = excluded.sealed, hosts = excluded.hosts, created_by = excluded.created_by,
    created_at = excluded.created_at, rotated_at = null, previous_until = null, revoked_at = null
where workspace_secrets.sealed is null
returning name
""").bindparams(bindparam("hosts", type_=JSONB))
_ROTATE = text("""
update workspace_secrets set sealed = :sealed, rotated_at = :now, previous_until = :until where name = :name
""")
_HOSTS = text("""
update workspace_secrets set hosts = :hosts where name = :name and sealed is not null returning name
""").bindparams(bindparam("hosts", type_=JSONB))
_REVOKE = text("""
update workspace_secrets set sealed = null, previous_until = null, revoked_at = :now
where name = :name and sealed is not null returning name
""")
_NOTE = text("insert into secret_changes (id, name, what, by, at) values (:id, :name, :what, :by, :now)")
_CHANGES = text("select name, what, by, at from secret_changes order by at desc, id limit :limit")
# `draft` of a journey that is live too: what is live was a draft once, and is looked for in its version.
_USED = text("""
select distinct j.key, name.name from journeys j
left join journey_versions v on v.journey_key = j.key and v.version = j.live_version
cross join (select name from workspace_secrets where sealed is not null) name
where concat(jsonb_path_query_array(j.draft, '$.steps[*].settings'),
    jsonb_path_query_array(coalesce(v.document, '{}'), '$.steps[*].settings'))
    ~ concat('("secret": "', name.name, '"|[{][{] *secret[.]', name.name, ' *[}][}])')
order by 1
""")


@dataclass(frozen=True, slots=True)
class SecretRow:
    """A secret as people look at it: never its value."""

    name: str
    hosts: list[str]
    created_by: str
    created_at: datetime
    rotated_at: datetime | None
    previous_until: datetime | None
    revoked_at: datetime | None

    @property
    def rotating(self) -> bool:
        """Whether the value of before still signs."""
        return self.previous_until is not None and self.previous_until > datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """Who did what to a secret."""

    name: str
    what: Change
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OpenSecret:
    """A secret for a call. ``values``: those that sign, the newest first; ``hosts``: where the newest may be sent."""

    values: tuple[str, ...] = field(repr=False)
    hosts: tuple[str, ...]

    def may_go_to(self, host: str) -> bool:
        """Whether the value may stand in a request to this host."""
        return host.lower() in self.hosts

    @property
    def keys(self) -> tuple[bytes, ...]:
        """What signs with each value: the bytes after ``whsec_``, or else the text itself."""
        return tuple(signing_bytes(value) for value in self.values)


def signing_bytes(value: str) -> bytes:
    """The key that a value stands for, as Standard Webhooks writes it, or its UTF-8. Raises ``ValueError``."""
    if not value.startswith(WHSEC):
        return value.encode()
    try:
        return b64decode(value.removeprefix(WHSEC), validate=True)
    except NoBase64:
        raise ValueError("base64") from None


def new_value() -> str:
    """A value as Standard Webhooks wants it: 32 random bytes in base64."""
    return WHSEC + b64encode(random.token_bytes(32)).decode()


def box(secret_key: str) -> Seal:
    """What seals the values of an installation."""
    return Seal(secret_key, PURPOSE)


async def list_secrets(engine: AsyncEngine) -> list[SecretRow]:
    """All of them by name, those that are revoked last."""
    async with engine.connect() as db:
        return [SecretRow(*row) for row in await db.execute(_LIST)]


async def list_changes(engine: AsyncEngine, limit: int = 100) -> list[ChangeRow]:
    """The newest first."""
    async with engine.connect() as db:
        return [ChangeRow(*row) for row in await db.execute(_CHANGES, {"limit": limit})]


async def journeys_by_secret(engine: AsyncEngine) -> Mapping[str, list[str]]:
    """Keys of the journeys whose draft or live version names each secret."""
    found: dict[str, list[str]] = {}
    async with engine.connect() as db:
        for key, name in await db.execute(_USED):
            found.setdefault(name, []).append(key)
    return found


async def secret_names(session: AsyncSession | AsyncConnection) -> frozenset[str]:
    """Names of the secrets that can be used."""
    return frozenset((await session.execute(_NAMES)).scalars())


async def open_secrets(engine: AsyncEngine, seal: Seal, names: Iterable[str]) -> dict[str, OpenSecret]:
    """Those of these secrets that there are. Raises ``secret_box.NotOurs``."""
    wanted = sorted(set(names))
    if not wanted:
        return {}
    async with engine.connect() as db:
        rows = list(await db.execute(_OPEN, {"names": wanted}))
    now = datetime.now(UTC)
    found = {}
    for row in rows:
        opened = seal.open(bytes(row.sealed))
        both = row.previous_until is not None and row.previous_until > now and "previous" in opened
        values = (opened["value"], opened["previous"]) if both else (opened["value"],)
        found[row.name] = OpenSecret(values, tuple(row.hosts))
    return found


async def create_secret(
    engine: AsyncEngine, seal: Seal, name: str, value: str, *, hosts: Iterable[str], by: str
) -> bool:
    """A new secret, or a new one in the place of one that was revoked. False: there is one of this name."""
    given = {"name": name, "sealed": seal.close({"value": value}), "hosts": list(hosts), "by": by}
    now = datetime.now(UTC)
    async with engine.begin() as db:
        if (await db.execute(_CREATE, {**given, "now": now})).scalar_one_or_none() is None:
            return False
        await _note(db, name, "created", by, now)
    return True


async def rotate_secret(
    engine: AsyncEngine, seal: Seal, name: str, value: str, *, overlap: timedelta = OVERLAP, by: str
) -> bool:
    """A new value; that of before signs beside it for so long. False: there is no such secret.

    One that cannot be opened any more (another secret key sealed it) has no value of before.
    """
    now = datetime.now(UTC)
    async with engine.begin() as db:
        sealed = (await db.execute(_LOCKED, {"name": name})).scalar_one_or_none()
        if sealed is None:
            return False
        values = {"value": value}
        try:
            values["previous"] = seal.open(bytes(sealed))["value"]
        except ValueError:
            overlap = timedelta(0)
        until = now + overlap if overlap else None
        await db.execute(_ROTATE, {"name": name, "sealed": seal.close(values), "now": now, "until": until})
        await _note(db, name, "rotated", by, now)
    return True


async def set_hosts(engine: AsyncEngine, name: str, hosts: Iterable[str], *, by: str) -> bool:
    """Where the value may be sent from now on. False: there is no such secret."""
    async with engine.begin() as db:
        if (await db.execute(_HOSTS, {"name": name, "hosts": list(hosts)})).scalar_one_or_none() is None:
            return False
        await _note(db, name, "hosts", by, datetime.now(UTC))
    return True


async def revoke_secret(engine: AsyncEngine, name: str, *, by: str) -> bool:
    """Its value is gone; calls that name it fail. False: there is no such secret."""
    now = datetime.now(UTC)
    async with engine.begin() as db:
        if (await db.execute(_REVOKE, {"name": name, "now": now})).scalar_one_or_none() is None:
            return False
        await _note(db, name, "revoked", by, now)
    return True


async def _note(db: AsyncConnection, name: str, what: Change, by: str, now: datetime) -> None:
    await db.execute(_NOTE, {"id": uuid4(), "name": name, "what": what, "by": by, "now": now})
