"""People who work in the workspace: who they are, their role, and how they get in. By real time.

There is always somebody who can administer: the last admin can be neither made less nor shut out. Changes of people
take one lock, so that two admins who make each other less at once do not leave none.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from orchestrator.core.channels.email_address import read_email
from orchestrator.core.roles import Role

LINK_LIVES = timedelta(days=3)
_LOCK = text("select pg_advisory_xact_lock(hashtext('sojourn users'))")
_SELECT = """
select id, email, name, role, password, locale, created_at, signed_in_at, disabled_at, link_until from users
"""
_EVERYBODY = text(f"{_SELECT} order by disabled_at is not null, lower(name), email")
_BY_EMAIL = text(f"{_SELECT} where email = :email")
_BY_ID = text(f"{_SELECT} where id = :id")
_BY_LINK = text(f"{_SELECT} where link = :link and link_until > :now and disabled_at is null")
_ANYBODY = text("select exists (select 1 from users)")
_ADMINISTERED = text(
    "select exists (select 1 from users where role = 'admin' and disabled_at is null and password is not null)"
)
_INSERT = text("""
insert into users (id, email, name, role, password, locale, created_at)
values (:id, :email, :name, :role, :password, :locale, :at)
""")
_MAKE_LINK = text("update users set link = :link, link_until = :until where id = :id and disabled_at is null")
_USE_LINK = text("""
update users set password = :password, link = null, link_until = null
where link = :link and link_until > :now and disabled_at is null returning id
""")
_SET_PASSWORD = text("update users set password = :password, link = null, link_until = null where id = :id")
_REFRESH_PASSWORD = text("update users set password = :new where id = :id and password = :old")
_SET_LOCALE = text("update users set locale = :locale where id = :id")
_SET_NAME = text("update users set name = :name where id = :id")
_SET_ROLE = text("update users set role = :role where id = :id and role <> :role")
_SET_DISABLED = text("update users set disabled_at = :at, link = null, link_until = null where id = :id")
_END_SESSIONS = text("delete from sessions where user_id = :id and token <> :keep")


class EmailTaken(Exception):
    """Somebody has this address already."""


class LastAdmin(Exception):
    """Nobody would be left to administer the workspace."""


@dataclass(frozen=True)
class Account:
    """A person. ``password``: its argon2 hash; None for who was invited and has not come."""

    id: UUID
    email: str
    name: str
    role: Role
    password: str | None
    locale: str | None
    created_at: datetime
    signed_in_at: datetime | None
    disabled_at: datetime | None
    link_until: datetime | None

    def __repr__(self) -> str:
        """Says nothing personal: this may stand in a log."""
        return f"Account({self.id})"


def normal_email(given: str) -> str:
    """An address as it is stored: who writes it otherwise is the same person."""
    return (read_email(given) or given.strip()).lower()


def fingerprint(token: str) -> bytes:
    """What is stored of a token. It is long and random, so a quick hash does: nobody can try them all."""
    return hashlib.sha256(token.encode()).digest()


async def has_accounts(engine: AsyncEngine) -> bool:
    """Whether anybody was ever let in; once true, for ever true."""
    async with engine.connect() as db:
        return bool((await db.execute(_ANYBODY)).scalar_one())


async def list_accounts(engine: AsyncEngine) -> list[Account]:
    """Everybody, those who are shut out last."""
    async with engine.connect() as db:
        return [Account(*row) for row in await db.execute(_EVERYBODY)]


async def find_account(
    engine: AsyncEngine, *, email: str | None = None, identity: UUID | None = None, link: str | None = None
) -> Account | None:
    """By address, by id, or by an unused link that still holds."""
    query = _BY_LINK if link is not None else _BY_EMAIL if email is not None else _BY_ID
    given = {"email": normal_email(email or ""), "id": identity, "link": fingerprint(link or ""), "now": _now()}
    async with engine.connect() as db:
        row = (await db.execute(query, given)).one_or_none()
    return None if row is None else Account(*row)


async def create_first_admin(
    engine: AsyncEngine, *, email: str, name: str, password: str, locale: str | None = None
) -> UUID | None:
    """The first of all; None where somebody else was quicker."""
    async with engine.begin() as db:
        await db.execute(_LOCK)
        if (await db.execute(_ANYBODY)).scalar_one():
            return None
        return await _insert(db, email=email, name=name, role="admin", password=password, locale=locale)


async def create_account(
    engine: AsyncEngine, *, email: str, name: str, role: Role, password: str | None = None
) -> UUID:
    """Somebody new. Raises ``EmailTaken``; and ``LastAdmin`` where nobody can administer yet: begin with an admin."""
    async with engine.begin() as db:
        await db.execute(_LOCK)
        identity = await _insert(db, email=email, name=name, role=role, password=password, locale=None)
        await _require_an_admin(db)
    return identity


async def make_link(engine: AsyncEngine, identity: UUID) -> str:
    """A link with which a person sets a password once; one made before holds no more. Raises ``LookupError``."""
    token = secrets.token_urlsafe(32)
    given = {"id": identity, "link": fingerprint(token), "until": _now() + LINK_LIVES}
    async with engine.begin() as db:
        if (await db.execute(_MAKE_LINK, given)).rowcount != 1:
            raise LookupError(identity)
    return token


async def use_link(engine: AsyncEngine, link: str, password: str) -> UUID | None:
    """Sets a password by a link, which is used up by it; whatever sessions there were end."""
    async with engine.begin() as db:
        given = {"password": password, "link": fingerprint(link), "now": _now()}
        found: UUID | None = (await db.execute(_USE_LINK, given)).scalar_one_or_none()
        if found is not None:
            await end_sessions(db, found)
    return found


async def set_password(engine: AsyncEngine, identity: UUID, password: str, *, keep: str | None = None) -> None:
    """A new password: every session ends but the one of token ``keep``, and so does a link that was not used."""
    async with engine.begin() as db:
        await db.execute(_SET_PASSWORD, {"password": password, "id": identity})
        await end_sessions(db, identity, keep=keep)


async def refresh_password(engine: AsyncEngine, identity: UUID, old: str, new: str) -> None:
    """The same password, hashed as is thought right today."""
    async with engine.begin() as db:
        await db.execute(_REFRESH_PASSWORD, {"id": identity, "old": old, "new": new})


async def set_locale(engine: AsyncEngine, identity: UUID, locale: str | None) -> None:
    """The language a person chose; None: as the browser wishes."""
    async with engine.begin() as db:
        await db.execute(_SET_LOCALE, {"locale": locale, "id": identity})


async def set_name(engine: AsyncEngine, identity: UUID, name: str) -> None:
    """What to call a person."""
    async with engine.begin() as db:
        await db.execute(_SET_NAME, {"name": name, "id": identity})


async def set_role(engine: AsyncEngine, identity: UUID, role: Role) -> None:
    """Another role, and an end of all sessions. Raises ``LastAdmin``, ``LookupError``."""
    async with engine.begin() as db:
        await db.execute(_LOCK)
        changed = await db.execute(_SET_ROLE, {"role": role, "id": identity})
        if changed.rowcount:
            await end_sessions(db, identity)
        await _require_an_admin(db)


async def set_disabled(engine: AsyncEngine, identity: UUID, disabled: bool) -> None:
    """Shuts a person out, with an end of all sessions and links, or lets them in again. Raises ``LastAdmin``."""
    at = _now() if disabled else None
    async with engine.begin() as db:
        await db.execute(_LOCK)
        await db.execute(_SET_DISABLED, {"at": at, "id": identity})
        await end_sessions(db, identity)
        if disabled:
            await _require_an_admin(db)


async def end_sessions(db: AsyncConnection, identity: UUID, *, keep: str | None = None) -> None:
    """Signs a person out everywhere, but where the session has token ``keep``."""
    await db.execute(_END_SESSIONS, {"id": identity, "keep": fingerprint(keep) if keep else b""})


async def _require_an_admin(db: AsyncConnection) -> None:
    if not (await db.execute(_ADMINISTERED)).scalar_one():
        raise LastAdmin


async def _insert(db: AsyncConnection, **values: Any) -> UUID:
    row = {**values, "email": normal_email(values["email"]), "id": uuid4(), "at": _now()}
    try:
        await db.execute(_INSERT, row)
    except IntegrityError:
        raise EmailTaken from None  # the database's own words carry the address
    identity: UUID = row["id"]
    return identity


def _now() -> datetime:
    return datetime.now(UTC)
