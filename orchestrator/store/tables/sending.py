"""The ledger of sends, and messages that are kept here."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Text, text
from sqlmodel import Field, SQLModel

from orchestrator.store.columns import instant, json_value


class SendRecord(SQLModel, table=True):
    """The ledger of sends: a row stands here before any provider is called."""

    __tablename__ = "sends"
    __table_args__ = (
        Index("sends_customer", "customer_id", "created_at"),
        Index("sends_journey", "journey_key", "step", "status"),
        # A journey's messages of the last days, and what became of them.
        Index("sends_went_out", "journey_key", "sent_at", postgresql_where=text("status = 'sent'")),
        Index("sends_held", "journey_key", postgresql_where=text("status = 'held'")),
        Index("sends_counted", "customer_id", "counted_at", postgresql_where=text("counted_at is not null")),
        Index("sends_provider_message", "provider", "provider_message_id"),
        Index("sends_unknown", "created_at", postgresql_where=text("status in ('unknown', 'claimed')")),
        Index("sends_complained", "complained_at", postgresql_where=text("complained_at is not null")),
        Index("sends_bounced", "bounced_at", postgresql_where=text("bounced_at is not null")),
        Index("sends_time", "created_at", postgresql_using="brin"),
        # Those whose next channel may still have its turn, as long as this one's outcome is not known.
        Index("sends_followed_up", "created_at", postgresql_where=text("inputs ? 'later'")),
    )
    id: UUID = Field(primary_key=True, description="Derived from run, step and occurrence")
    run_id: UUID
    journey_key: str
    step: str
    occurrence: int
    customer_id: UUID
    message_class: str
    status: str = Field(description="held, skipped, claimed, sent, unknown or failed")
    reason: str = ""
    channel: str | None = None
    provider: str | None = None
    provider_message_id: str | None = None
    inputs: dict[str, Any] = json_value()
    """What the decision saw."""
    content: dict[str, Any] = json_value()
    attempts: int = 0
    hold_until: datetime | None = instant(nullable=True)
    created_at: datetime = instant()
    sent_at: datetime | None = instant(nullable=True)
    tags: list[str] = json_value("[]")
    counted_at: datetime | None = instant(nullable=True)
    """When frequency caps count it; null for what they do not count, and for what surely did not go out."""
    delivery: str | None = Field(default=None, sa_column=Column(Text))
    """What the provider said of it later: delivered, unreachable or failed."""
    delivered_at: datetime | None = instant(nullable=True)
    opened_at: datetime | None = instant(nullable=True)
    clicked_at: datetime | None = instant(nullable=True)
    complained_at: datetime | None = instant(nullable=True)
    bounced_at: datetime | None = instant(nullable=True)
    """Since when it is known that nobody will ever be reached there."""
    template: str | None = Field(default=None, sa_column=Column(Text))
    template_revision: int | None = None


class OutboxMessage(SQLModel, table=True):
    """The development outbox: each message as its receiver would see it."""

    __tablename__ = "outbox"
    __table_args__ = (Index("outbox_time", "at"),)
    id: UUID = Field(primary_key=True, description="The send's id: a second delivery of it changes nothing")
    customer_id: UUID = Field(index=True)
    journey_key: str
    channel: str
    recipient: str
    locale: str
    content: dict[str, Any] = json_value()
    at: datetime = instant()


class InAppMessage(SQLModel, table=True):
    """A message that waits for the customer on the shop's own pages."""

    __tablename__ = "in_app_messages"
    __table_args__ = (Index("in_app_waiting", "customer_id", "at", postgresql_where=text("closed_at is null")),)
    id: UUID = Field(primary_key=True, description="The send's id")
    customer_id: UUID
    content: dict[str, Any] = json_value()
    at: datetime = instant()
    expires_at: datetime | None = instant(nullable=True)
    seen_at: datetime | None = instant(nullable=True)
    clicked_at: datetime | None = instant(nullable=True)
    closed_at: datetime | None = instant(nullable=True)
