"""Customers: profiles, identities, consents, devices; files of them that are imported, and people who were erased."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from orchestrator.store.columns import instant, json_value

_SEARCH_TEXT = (
    "' ' || nullif(btrim(left(lower(coalesce(attributes ->> 'name', '') || ' ' "
    "|| coalesce(attributes ->> 'first_name', '') || ' ' || coalesce(attributes ->> 'last_name', '') || ' ' "
    "|| coalesce(external_id, '') || ' ' || coalesce(email, '') || ' ' || coalesce(phone, '')), 1000)), '') || ' '"
)


class Customer(SQLModel, table=True):
    """A person, by an opaque id."""

    __tablename__ = "customers"
    __table_args__ = (
        Index("customers_merged", "merged_into", postgresql_where=text("merged_into is not null")),
        Index("customers_email", text("lower(email)"), postgresql_where=text("email is not null")),
        Index("customers_phone", "phone", postgresql_where=text("phone is not null")),
        Index(
            "customers_search",
            text("customer_grams(search_text)"),
            postgresql_using="gin",
            postgresql_where=text("search_text is not null"),
        ),
        Index("customers_seen", "created_at", "id"),
        Index("customers_stage", "stage", "created_at", "id", postgresql_include=["merged_into"]),
        Index("customers_tags", "tags", postgresql_using="gin", postgresql_ops={"tags": "jsonb_path_ops"}),
    )
    id: UUID = Field(primary_key=True)
    external_id: str | None = Field(default=None, sa_column=Column(Text, unique=True))
    email: str | None = Field(default=None, sa_column=Column(Text))
    phone: str | None = Field(default=None, sa_column=Column(Text), description="E.164")
    locale: str | None = None
    time_zone: str | None = None
    attributes: dict[str, Any] = json_value()
    tags: list[str] = json_value("[]")
    consents: dict[str, Any] = json_value()
    """``{"email": true, "email:night": false}``: by channel, and by channel for the night."""
    consented_at: dict[str, Any] = json_value()
    """When each consent was last given or confirmed, by the same names: ISO instants."""
    consent_record: dict[str, Any] = json_value()
    """What was said of each, by whom (``core.customers.consent_record``): what ``consents`` follow from."""
    stage: str | None = None
    stage_since: datetime | None = instant(nullable=True)
    created_at: datetime = instant()
    updated_at: datetime = instant()
    profile_at: datetime | None = instant(nullable=True)
    """When what has no instant of its own in ``said_at`` was said at the latest (from before there were such)."""
    said_at: dict[str, Any] = json_value()
    """When each attribute and field of the contact was last spoken of: microseconds since 1970, by name
    (``core.customers.traits``)."""
    merged_into: UUID | None = Field(default=None, description="Set on an anonymous customer who turned out known.")
    search_text: str | None = Field(
        default=None,
        sa_column=Column(Text, Computed(_SEARCH_TEXT, persisted=True)),
        description="Name, id and addresses in small letters, kept by the database: what a search looks through; null "
        "where none is known",
    )


class CustomerNote(SQLModel, table=True):
    """What somebody of the team wrote about a customer."""

    __tablename__ = "customer_notes"
    __table_args__ = (Index("customer_notes_customer", "customer_id", "at", "id"),)
    id: UUID = Field(primary_key=True)
    customer_id: UUID
    body: str = Field(sa_column=Column(Text, nullable=False))
    author: str = Field(sa_column=Column(Text, nullable=False), description="Their name when they wrote it")
    account_id: UUID | None = None
    at: datetime = instant()


class IdentityLink(SQLModel, table=True):
    """Which customer a ``user`` id, or an ``anonymous`` id, means."""

    __tablename__ = "identities"
    kind: str = Field(primary_key=True)
    value: str = Field(sa_column=Column(Text, primary_key=True))
    customer_id: UUID = Field(index=True)
    traits_hash: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    """Of the traits that were last said of this identity, which libraries repeat in every call."""
    traits_at: datetime | None = instant(nullable=True)
    taken_over: int = Field(
        default=0,
        sa_column=Column(Integer, nullable=False, server_default=text("0")),
        description="How often it changed hands since taken_since",
    )
    taken_since: datetime | None = instant(nullable=True)
    """Real time."""


class HeldMerge(SQLModel, table=True):
    """Two customers of whom a call said that they are one person, kept apart until a human decides."""

    __tablename__ = "held_merges"
    __table_args__ = (
        UniqueConstraint("source_id", "target_id"),
        Index("held_merges_time", "held_at", "id"),
    )
    id: UUID = Field(primary_key=True)
    source_id: UUID = Field(description="Would become the other")
    target_id: UUID
    reason: str = Field(sa_column=Column(Text, nullable=False), description="emails")
    detail: dict[str, Any] = json_value()
    """What was suspicious: the addresses, the message id of the call."""
    held_at: datetime = instant()
    decided_at: datetime | None = instant(nullable=True)
    decided_by: str | None = Field(default=None, sa_column=Column(Text))
    decision: str | None = Field(default=None, sa_column=Column(Text), description="merged or apart")


class ConsentChange(SQLModel, table=True):
    """The log of consents: what was said, by whom, when, and how we know. Rows are added, never changed."""

    __tablename__ = "consent_log"
    __table_args__ = (
        Index("consent_log_customer", "customer_id", "at"),
        Index(
            "consent_log_opt_outs",
            "at",
            postgresql_where=text("source in ('unsubscribe', 'provider') and not granted"),
        ),
    )
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    customer_id: UUID
    name: str = Field(sa_column=Column(Text, nullable=False), description="A channel, or ``{channel}:night``")
    granted: bool
    at: datetime = instant()
    source: str = Field(
        sa_column=Column(Text, nullable=False),
        description="intake, import, journey, preferences, unsubscribe, provider, console, merge or upgrade",
    )
    evidence: dict[str, Any] = json_value()
    """What proves it: message id, form, address of the page, reporter."""
    act: bool = Field(
        default=False,
        sa_column=Column(Boolean, nullable=False, server_default=text("false")),
        description="The customer's own act; otherwise a statement about them",
    )
    counts: bool = Field(
        default=True,
        sa_column=Column(Boolean, nullable=False, server_default=text("true")),
        description="Whether the consent stood as it says from then on",
    )


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


class CustomerImport(SQLModel, table=True):
    """A file of customers, from its upload to its last row. Real time."""

    __tablename__ = "customer_imports"
    __table_args__ = (Index("customer_imports_made", "made_at", "id"),)
    id: UUID = Field(primary_key=True)
    name: str = Field(sa_column=Column(Text, nullable=False), description="What the file was called")
    status: str = Field(sa_column=Column(Text, nullable=False), description="read, running, done, cancelled or failed")
    encoding: str = Field(sa_column=Column(Text, nullable=False))
    delimiter: str = Field(sa_column=Column(Text, nullable=False))
    columns: list[str] = json_value("[]")
    fields: list[str] = json_value("[]")
    """Of each column, in order (``api.intake.csv_columns``)."""
    content: bytes | None = Field(
        default=None, sa_column=Column(LargeBinary), description="CSV in UTF-8, packed by zlib; none once it is over"
    )
    tells_journeys: bool = Field(
        default=False,
        sa_column=Column(Boolean, nullable=False, server_default=text("false")),
        description="Whether journeys and runs hear of the changes",
    )
    total: int
    done: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    stored: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    duplicates: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    refused: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    warned: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    problem: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    made_by: str = Field(sa_column=Column(Text, nullable=False))
    locale: str = Field(sa_column=Column(Text, nullable=False), description="In which reasons are written down")
    made_at: datetime = instant()
    finished_at: datetime | None = instant(nullable=True)
    held_until: datetime | None = instant(nullable=True)
    """Until when the process that works on it has it for itself."""


class RefusedRow(SQLModel, table=True):
    """A row of an import that could not be stored, and why."""

    __tablename__ = "refused_rows"
    import_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True, description="Of the row; that of the headers is 1")
    cells: list[str] = json_value("[]")
    reason: str = Field(sa_column=Column(Text, nullable=False))


class Erasure(SQLModel, table=True):
    """The receipt of a person who was erased: who asked for it, when, how much went; and nothing of who it was. Real
    time."""

    __tablename__ = "erasures"
    __table_args__ = (Index("erasures_made", "made_at", "id"),)
    id: UUID = Field(primary_key=True)
    status: str = Field(sa_column=Column(Text, nullable=False), description="running or done")
    customer: UUID | None = Field(default=None, description="While it is running: whom it is about")
    counts: dict[str, Any] = json_value()
    pending: dict[str, Any] = json_value()
    """While it is running: ids of the customer, of their runs and workflows, and under which their rows are kept."""
    made_by: str = Field(sa_column=Column(Text, nullable=False))
    why: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    made_at: datetime = instant()
    finished_at: datetime | None = instant(nullable=True)
