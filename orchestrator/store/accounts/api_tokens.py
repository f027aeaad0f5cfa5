"""Tokens of programs: each has a name and a role, is shown once, and is stored as a hash. By real time."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.roles import Role
from orchestrator.store.accounts.people import fingerprint

PREFIX = "sjn_"
_SHOWN = 8
_NOTED_EVERY = timedelta(minutes=1)
_FIND = text("select id, name, role, used_at from api_tokens where token = :token and revoked_at is null")
_USED = text("update api_tokens set used_at = :now where id = :id")
_REVOKE = text("update api_tokens set revoked_at = coalesce(revoked_at, :now) where id = :id")
_LIST = text("""
select id, name, role, start, created_by, created_at, used_at, revoked_at from api_tokens
order by revoked_at is not null, created_at desc
""")
_INSERT = text("""
insert into api_tokens (id, token, start, name, role, created_by, created_at)
values (:id, :token, :start, :name, :role, :by, :now)
""")


@dataclass(frozen=True)
class TokenRow:
    """A token as people look at it."""

    id: UUID
    name: str
    role: Role
    start: str
    created_by: str
    created_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None


async def create_token(engine: AsyncEngine, *, name: str, role: Role, by: str) -> str:
    """A new token, to be shown now and never again."""
    token = PREFIX + secrets.token_urlsafe(32)
    given = {"id": uuid4(), "token": fingerprint(token), "start": token[:_SHOWN], "name": name, "role": role, "by": by}
    async with engine.begin() as db:
        await db.execute(_INSERT, {**given, "now": datetime.now(UTC)})
    return token


async def find_token(engine: AsyncEngine, token: str) -> tuple[UUID, str, Role] | None:
    """Id, name and role of a token that is not revoked."""
    now = datetime.now(UTC)
    async with engine.connect() as db:
        row = (await db.execute(_FIND, {"token": fingerprint(token)})).one_or_none()
        if row is not None and (row.used_at is None or now - row.used_at > _NOTED_EVERY):
            await db.execute(_USED, {"id": row.id, "now": now})
            await db.commit()
    return None if row is None else (row.id, row.name, row.role)


async def list_tokens(engine: AsyncEngine) -> list[TokenRow]:
    """All tokens, the newest first, those that are revoked last."""
    async with engine.connect() as db:
        return [TokenRow(*row) for row in await db.execute(_LIST)]


async def revoke_token(engine: AsyncEngine, identity: UUID) -> None:
    """From now on it opens nothing."""
    async with engine.begin() as db:
        await db.execute(_REVOKE, {"id": identity, "now": datetime.now(UTC)})
