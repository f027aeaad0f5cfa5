"""Routers and workers: their signs of life, and which of them is on duty. Real time, by the database's clock."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Field, SQLModel

from orchestrator.store.columns import instant, json_value


class ProcessRow(SQLModel, table=True):
    """A process that has lately been alive."""

    __tablename__ = "processes"
    id: UUID = Field(primary_key=True)
    kind: str
    host: str
    pid: int
    started_at: datetime = instant()
    beat_at: datetime = instant()
    details: dict[str, Any] = json_value()


class LeaseRow(SQLModel, table=True):
    """Something that one process does at a time, for as long as it keeps saying so."""

    __tablename__ = "leases"
    name: str = Field(primary_key=True)
    holder: UUID
    until: datetime = instant()
