"""Secrets of the workspace: what its requests to other systems are signed with or carry along. By real time."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, LargeBinary, Text
from sqlmodel import Field, SQLModel

from orchestrator.store.columns import instant, json_value


class WorkspaceSecret(SQLModel, table=True):
    """A secret that journeys name. Its value is encrypted with the installation's secret key, and never shown again."""

    __tablename__ = "workspace_secrets"
    name: str = Field(sa_column=Column(Text, primary_key=True))
    sealed: bytes | None = Field(default=None, sa_column=Column(LargeBinary), description="None: revoked")
    hosts: list[str] = json_value("[]")
    """Where the value itself may be sent; none: it only signs."""
    created_by: str = Field(sa_column=Column(Text, nullable=False), description="Name of who made it")
    created_at: datetime = instant()
    rotated_at: datetime | None = instant(nullable=True)
    previous_until: datetime | None = instant(nullable=True)
    """Until then calls are signed with the value of before as well."""
    revoked_at: datetime | None = instant(nullable=True)


class SecretChange(SQLModel, table=True):
    """Who did what to a secret, for ever."""

    __tablename__ = "secret_changes"
    id: UUID = Field(primary_key=True)
    name: str = Field(sa_column=Column(Text, nullable=False))
    what: str = Field(description="created, rotated, hosts or revoked")
    by: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = instant()
