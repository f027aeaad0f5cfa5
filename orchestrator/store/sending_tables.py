"""Tables of what is sent and what comes back: consents, templates, surveys, complaints, coupons, devices, providers.

Instants are journey time, as in ``tables.py``. Personal data lives in ``consent_log``, ``survey_responses``,
``complaints``, ``devices`` and ``in_app_messages``.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Index, LargeBinary, Numeric, Text, text
from sqlmodel import Field, SQLModel

from orchestrator.store.columns import instant, json_value


class ConsentChange(SQLModel, table=True):
    """The log of consents: who agreed to what, when, and how we know. Rows are added, never changed."""

    __tablename__ = "consent_log"
    __table_args__ = (Index("consent_log_customer", "customer_id", "at"),)
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    customer_id: UUID
    name: str = Field(sa_column=Column(Text, nullable=False), description="A channel, or ``{channel}:night``")
    granted: bool
    at: datetime = instant()
    source: str = Field(
        sa_column=Column(Text, nullable=False),
        description="intake, import, journey, preferences, unsubscribe, provider or console",
    )
    evidence: dict[str, Any] = json_value()
    """What proves it: message id, form, address of the page, reporter."""


class MessageTemplate(SQLModel, table=True):
    """The words of messages, kept beside the journeys that use them: edited without a new version of a journey."""

    __tablename__ = "templates"
    key: str = Field(primary_key=True)
    document: dict[str, Any] = json_value()
    """``core.messages.template_document.TemplateDocument`` as JSON, however unfinished: the draft."""
    revision: int = 1
    """Of the draft: one more with each change of it."""
    live_revision: int | None = None
    """The one that messages say, kept among the revisions; None before it was first put into use."""
    created_at: datetime = instant()
    updated_at: datetime = instant()
    edited_by: str | None = Field(default=None, sa_column=Column(Text))
    archived_at: datetime | None = instant(nullable=True)


class TemplateRevision(SQLModel, table=True):
    """What a template said, and since when: a send names the revision that it used. Rows never change."""

    __tablename__ = "template_revisions"
    template_key: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    document: dict[str, Any] = json_value()
    at: datetime = instant()
    edited_by: str | None = Field(default=None, sa_column=Column(Text))


class Survey(SQLModel, table=True):
    """A questionnaire."""

    __tablename__ = "surveys"
    key: str = Field(primary_key=True)
    document: dict[str, Any] = json_value()
    """``core.surveys.questionnaire.SurveyDocument`` as JSON."""
    revision: int = 1
    created_at: datetime = instant()
    updated_at: datetime = instant()
    edited_by: str | None = Field(default=None, sa_column=Column(Text))
    archived_at: datetime | None = instant(nullable=True)


class SurveyResponse(SQLModel, table=True):
    """One answer. Its id is the send's that asked, so that a link is good for one answer."""

    __tablename__ = "survey_responses"
    __table_args__ = (Index("survey_responses_survey", "survey_key", "answered_at"),)
    id: UUID = Field(primary_key=True)
    survey_key: str
    survey_revision: int
    customer_id: UUID = Field(index=True)
    run_id: UUID
    journey_key: str
    step: str
    channel: str | None = None
    locale: str | None = None
    score: int | None = None
    choices: list[str] = json_value("[]")
    comment: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    group: str = Field(sa_column=Column("answer_group", Text, nullable=False))
    asked_at: datetime | None = instant(nullable=True)
    answered_at: datetime = instant()


class Complaint(SQLModel, table=True):
    """Something a customer is unhappy about: while it is open, nobody advertises to them or asks for a review."""

    __tablename__ = "complaints"
    __table_args__ = (Index("complaints_open", "customer_id", postgresql_where=text("resolved_at is null")),)
    id: UUID = Field(primary_key=True, description="Derived from its source, so that it is opened once")
    customer_id: UUID = Field(index=True)
    source: str = Field(sa_column=Column(Text, nullable=False), description="survey, event, ticket or console")
    reference: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    detail: dict[str, Any] = json_value()
    opened_at: datetime = instant()
    resolved_at: datetime | None = instant(nullable=True)
    resolved_by: str | None = Field(default=None, sa_column=Column(Text))


class CouponPool(SQLModel, table=True):
    """Codes of one promise."""

    __tablename__ = "coupon_pools"
    key: str = Field(primary_key=True)
    document: dict[str, Any] = json_value()
    """``core.coupons.pool.PoolDocument`` as JSON."""
    created_at: datetime = instant()
    updated_at: datetime = instant()
    edited_by: str | None = Field(default=None, sa_column=Column(Text))
    archived_at: datetime | None = instant(nullable=True)


class CouponCode(SQLModel, table=True):
    """One code; ``taken_by`` is what took it (a derived id), and takes no other. No two pools have the same code, so
    that whoever redeems it need not say of which."""

    __tablename__ = "coupon_codes"
    __table_args__ = (
        Index(
            "coupon_codes_free", "pool_key", "seq", postgresql_where=text("taken_by is null and redeemed_at is null")
        ),
        Index("coupon_codes_customer", "customer_id", postgresql_where=text("customer_id is not null")),
        Index("coupon_codes_taken", "pool_key", "taken_at", postgresql_where=text("taken_at is not null")),
        Index("coupon_codes_code", "code", unique=True),
    )
    pool_key: str = Field(primary_key=True)
    code: str = Field(sa_column=Column(Text, primary_key=True))
    seq: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), nullable=False))
    taken_by: str | None = Field(default=None, sa_column=Column(Text, unique=True))
    customer_id: UUID | None = None
    run_id: UUID | None = None
    taken_at: datetime | None = instant(nullable=True)
    journey_key: str | None = Field(default=None, description="Of the run that took it")
    valid_until: datetime | None = instant(nullable=True)
    redeemed_at: datetime | None = instant(nullable=True)
    redeemed_by: str | None = Field(default=None, sa_column=Column(Text), description="Message id of the event")
    revenue: Decimal | None = Field(default=None, sa_column=Column(Numeric(16, 4)))
    """Of the order that it was redeemed with, in ``currency``."""
    currency: str | None = Field(default=None, sa_column=Column(Text))


class Device(SQLModel, table=True):
    """Where a customer's pushes go: an app's token, or a browser's subscription."""

    __tablename__ = "devices"
    __table_args__ = (Index("devices_customer", "customer_id", "kind", "seen_at"),)
    id: UUID = Field(primary_key=True, description="Derived from the address")
    customer_id: UUID
    kind: str = Field(description="push_token or web_push")
    address: str = Field(sa_column=Column(Text, nullable=False))
    created_at: datetime = instant()
    seen_at: datetime = instant()
    dropped_at: datetime | None = instant(nullable=True)
    """When a provider said that nobody is there any more."""


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


class ChannelProvider(SQLModel, table=True):
    """How a provider is set up here. What is secret is encrypted with the installation's secret key."""

    __tablename__ = "channel_providers"
    name: str = Field(primary_key=True)
    settings: dict[str, Any] = json_value()
    secrets: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    revision: int = 1
    updated_at: datetime = instant()
    updated_by: str | None = Field(default=None, sa_column=Column(Text))


class SeenCallback(SQLModel, table=True):
    """What providers have told us already: they tell again until they are thanked, and sometimes after."""

    __tablename__ = "seen_callbacks"
    id: str = Field(sa_column=Column(Text, primary_key=True), description="Provider, and its id or a hash of the call")
    at: datetime = instant()
