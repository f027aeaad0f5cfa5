"""People of the workspace, their sessions and first steps, tokens of programs, write keys, and who changed what."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from orchestrator.store.columns import instant, json_value


class User(SQLModel, table=True):
    """Someone who works in this workspace."""

    __tablename__ = "users"
    id: UUID = Field(primary_key=True)
    email: str = Field(sa_column=Column(Text, nullable=False, unique=True), description="in lower case")
    name: str = Field(sa_column=Column(Text, nullable=False))
    role: str = Field(description="viewer, marketer, operator or admin")
    password: str | None = Field(default=None, sa_column=Column(Text), description="argon2; None: invited only")
    locale: str | None = Field(default=None, description="None: as the browser wishes")
    created_at: datetime = instant()
    signed_in_at: datetime | None = instant(nullable=True)
    disabled_at: datetime | None = instant(nullable=True)
    link: bytes | None = Field(default=None, sa_column=Column(LargeBinary, unique=True))
    """Hash of the one-time link with which to set a password."""
    link_until: datetime | None = instant(nullable=True)


class UserSession(SQLModel, table=True):
    """One browser in which somebody is signed in."""

    __tablename__ = "sessions"
    token: bytes = Field(sa_column=Column(LargeBinary, primary_key=True), description="a hash")
    user_id: UUID = Field(index=True)
    created_at: datetime = instant()
    seen_at: datetime = instant()
    expires_at: datetime = Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=False, index=True))


class ApiToken(SQLModel, table=True):
    """What a program signs in with."""

    __tablename__ = "api_tokens"
    id: UUID = Field(primary_key=True)
    token: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True), description="a hash")
    start: str = Field(description="Its first characters, to tell it from others")
    name: str = Field(sa_column=Column(Text, nullable=False))
    role: str
    created_by: str = Field(sa_column=Column(Text, nullable=False), description="Name of who made it")
    created_at: datetime = instant()
    used_at: datetime | None = instant(nullable=True)
    revoked_at: datetime | None = instant(nullable=True)


class WriteKey(SQLModel, table=True):
    """What a shop's servers or pages send events with."""

    __tablename__ = "write_keys"
    id: UUID = Field(primary_key=True)
    name: str = Field(sa_column=Column(Text, nullable=False))
    kind: str = Field(description="server or browser")
    key_hash: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    start: str = Field(description="Its first characters, to tell it from others")
    shown: str | None = Field(default=None, sa_column=Column(Text), description="The whole key, of browser keys only")
    per_minute: int | None = Field(default=None, description="Events that it admits; None: as many as come")
    created_by: str = Field(sa_column=Column(Text, nullable=False), description="Name of who made it")
    created_at: datetime = instant()
    used_at: datetime | None = instant(nullable=True)
    ends_at: datetime | None = instant(nullable=True)
    """Of a key that was rotated: until then it goes on beside the new one."""
    revoked_at: datetime | None = instant(nullable=True)
    browsed_at: datetime | None = instant(nullable=True)
    """Of a server key: when it was last used from a page, where everybody can read it."""


class FirstStep(SQLModel, table=True):
    """Something that somebody has done for the first time, or put aside for good: what the guide ticks."""

    __tablename__ = "first_steps"
    account_id: UUID = Field(primary_key=True, description="All zeros: who sits at this machine and has no account")
    what: str = Field(sa_column=Column(Text, primary_key=True), description="watched, test_run or dismissed")
    at: datetime = instant()
    """Real time."""


class AuditEntry(SQLModel, table=True):
    """One change that somebody made. Entries are only ever added, and each bears the hash of the one before."""

    __tablename__ = "audit_log"
    __table_args__ = (Index("audit_log_at", "at", "id"), Index("audit_log_subject", "subject", "at"))
    seq: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    id: UUID
    at: datetime = instant()
    """Real time."""
    who: str = Field(sa_column=Column(Text, nullable=False))
    account_id: UUID | None = Field(default=None, description="Of a person or a token, where there is one")
    via: str = Field(description="session, token, setting, local or command")
    what: str = Field(description="What was done: a name such as journey.published")
    subject: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    before: dict[str, Any] = json_value()
    after: dict[str, Any] = json_value()
    why: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    hash: str
