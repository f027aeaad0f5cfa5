"""Browsers in which somebody is signed in. By real time; a session lives on while it is used."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from orchestrator.core.roles import Role
from orchestrator.store.accounts.people import fingerprint

IDLE = timedelta(days=14)
"""A session that nobody uses ends after this long."""
LONGEST = timedelta(days=90)
"""However much it is used, it ends after this long."""
_NOTED_EVERY = timedelta(minutes=10)

_FIND = text("""
select u.id, u.name, u.email, u.role, u.locale, s.created_at, s.seen_at
from sessions s join users u on u.id = s.user_id
where s.token = :token and s.expires_at > :now and u.disabled_at is null
""")
_SEEN = text("update sessions set seen_at = :now, expires_at = :until where token = :token")
_CLOSE = text("delete from sessions where token = :token")
_OPEN = text("""
with swept as (delete from sessions where expires_at < :now),
    came as (update users set signed_in_at = :now where id = :user)
insert into sessions (token, user_id, created_at, seen_at, expires_at) values (:token, :user, :now, :now, :until)
""")


@dataclass(frozen=True)
class SignedIn:
    """Who is signed in."""

    id: UUID
    name: str
    email: str
    role: Role
    locale: str | None


async def open_session(engine: AsyncEngine, user: UUID) -> str:
    """A new session; its token is for the browser's cookie, and only its hash is stored. Old ones are swept out."""
    token, now = secrets.token_urlsafe(32), datetime.now(UTC)
    given = {"token": fingerprint(token), "user": user, "now": now, "until": now + IDLE}
    async with engine.begin() as db:
        await db.execute(_OPEN, given)
    return token


async def find_session(engine: AsyncEngine, token: str) -> SignedIn | None:
    """Whose session this is; None: of nobody, or it is over. Using it prolongs it."""
    now = datetime.now(UTC)
    given = {"token": fingerprint(token), "now": now}
    async with engine.connect() as db:
        row = (await db.execute(_FIND, given)).one_or_none()
        if row is not None and now - row.seen_at > _NOTED_EVERY:
            await db.execute(_SEEN, {**given, "until": min(now + IDLE, row.created_at + LONGEST)})
            await db.commit()
    return None if row is None else SignedIn(row.id, row.name, row.email, row.role, row.locale)


async def close_session(engine: AsyncEngine, token: str) -> None:
    """Signs this browser out."""
    async with engine.begin() as db:
        await db.execute(_CLOSE, {"token": fingerprint(token)})
