"""The event log, and the names that the workspace has seen."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, Text, text
from sqlmodel import Field, SQLModel

from orchestrator.store.columns import instant, json_value


class StoredEvent(SQLModel, table=True):
    """What a customer did. ``routed_at`` empty: not yet offered to journeys and runs."""

    __tablename__ = "events"
    __table_args__ = (
        Index("events_customer_name_time", "customer_id", "name", "occurred_at"),
        Index("events_customer_time", "customer_id", "occurred_at", "seq"),
        Index(
            "events_to_route",
            text("(get_byte(uuid_send(customer_id), 15) & 63)"),  # its customer's shard: store.events.shards
            "seq",
            postgresql_where=text("routed_at is null"),
        ),
    )
    seq: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), nullable=False, unique=True))
    message_id: str = Field(sa_column=Column(Text, primary_key=True))
    customer_id: UUID
    kind: str = Field(default="track", description="track, identify, page, screen, group, alias or system")
    name: str = Field(sa_column=Column(Text, nullable=False))
    properties: dict[str, Any] = json_value()
    context: dict[str, Any] = json_value()
    occurred_at: datetime = instant()
    received_at: datetime = instant()
    routed_at: datetime | None = instant(nullable=True)


class TrackedName(SQLModel, table=True):
    """Every event, property and attribute name the workspace has seen, for the compiler and for pickers."""

    __tablename__ = "seen_names"
    kind: str = Field(primary_key=True, description="event, property or attribute")
    event: str = Field(default="", sa_column=Column(Text, primary_key=True), description="of a property: its event")
    name: str = Field(sa_column=Column(Text, primary_key=True))
    type: str = Field(default="", description="JSON type first seen")
    first_seen: datetime = instant()
