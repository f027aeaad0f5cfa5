"""Routers and workers: signs of life, and who has which part of the routing. Real time, by the database's clock."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, text
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


class RoutingShard(SQLModel, table=True):
    """A share of all customers, whose events one router routes at a time."""

    __tablename__ = "routing_shards"
    shard: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    holder: UUID | None = Field(default=None, description="The router, for as long as its lease in ``leases`` runs")
    token: int = Field(
        default=0,
        sa_column=Column(BigInteger, nullable=False, server_default=text("0")),
        description="Grows with each holder: what was begun under an earlier one is not committed",
    )
