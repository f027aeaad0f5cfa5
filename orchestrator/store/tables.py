"""The tables. All instants are journey time (see ``core.timing.Clock``), aware, stored in UTC; but people sign in by
real time, which is what ``users``, ``sessions`` and ``api_tokens`` say.

Personal data lives only in ``customers``, ``identities``, ``events``, ``sends`` and ``outbox``; ``users`` has that of
the workspace's own people. What opens a door (a session, a token, an invitation) is stored as its hash alone.
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, LargeBinary, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from orchestrator.store import sending_tables  # noqa: F401 - fills the metadata
from orchestrator.store.columns import instant, json_value


class Workspace(SQLModel, table=True):
    """One row: the workspace's defaults and its clock."""

    __tablename__ = "workspace"
    id: int = Field(default=1, primary_key=True)
    time_zone: str = "Asia/Seoul"
    locale: str = "ko"
    day_seconds: float | None = Field(default=None, description="Real seconds in a day of journey time; None: 86,400.")
    clock_real: datetime | None = instant(nullable=True)
    """Real and journey instant at which the clock was last set; between them lies the whole conversion."""
    clock_journey: datetime | None = instant(nullable=True)
    settings: dict[str, Any] = json_value()
    """Sender name, opt-out number and the like, by name."""


class Customer(SQLModel, table=True):
    """A person, by an opaque id."""

    __tablename__ = "customers"
    __table_args__ = (Index("customers_merged", "merged_into", postgresql_where=text("merged_into is not null")),)
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
    stage: str | None = Field(default=None, index=True)
    stage_since: datetime | None = instant(nullable=True)
    created_at: datetime = instant()
    updated_at: datetime = instant()
    profile_at: datetime | None = instant(nullable=True)
    """When the newest traits we know of were said: older ones that arrive later only fill gaps."""
    merged_into: UUID | None = Field(default=None, description="Set on an anonymous customer who turned out known.")


class IdentityLink(SQLModel, table=True):
    """Which customer a ``user`` id, or an ``anonymous`` id, means."""

    __tablename__ = "identities"
    kind: str = Field(primary_key=True)
    value: str = Field(sa_column=Column(Text, primary_key=True))
    customer_id: UUID = Field(index=True)


class StoredEvent(SQLModel, table=True):
    """What a customer did. ``routed_at`` empty: not yet offered to journeys and runs."""

    __tablename__ = "events"
    __table_args__ = (
        Index("events_customer_name_time", "customer_id", "name", "occurred_at"),
        Index("events_customer_time", "customer_id", "occurred_at", "seq"),
        Index("events_unrouted", "seq", postgresql_where=text("routed_at is null")),
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


class SeenName(SQLModel, table=True):
    """Every event, property and attribute name the workspace has seen, for the compiler and for pickers."""

    __tablename__ = "seen_names"
    kind: str = Field(primary_key=True, description="event, property or attribute")
    event: str = Field(default="", sa_column=Column(Text, primary_key=True), description="of a property: its event")
    name: str = Field(sa_column=Column(Text, primary_key=True))
    type: str = Field(default="", description="JSON type first seen")
    first_seen: datetime = instant()


class Plan(SQLModel, table=True):
    """A compiled journey, by content hash; never changed."""

    __tablename__ = "plans"
    hash: str = Field(primary_key=True)
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    created_at: datetime = instant()


class Journey(SQLModel, table=True):
    """A journey: its draft, and the version that customers enter now."""

    __tablename__ = "journeys"
    key: str = Field(primary_key=True)
    name: dict[str, Any] = json_value()
    draft: dict[str, Any] = json_value()
    status: str = Field(default="draft", description="draft, live, paused or stopped")
    live_version: int | None = None
    created_at: datetime = instant()
    updated_at: datetime = instant()
    revision: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    """Of the draft: one more with each change of it."""
    edited_by: str | None = Field(default=None, sa_column=Column(Text))
    edited_at: datetime | None = instant(nullable=True)


class JourneyVersion(SQLModel, table=True):
    """An immutable published graph."""

    __tablename__ = "journey_versions"
    journey_key: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    plan_hash: str
    published_at: datetime = instant()
    published_by: str | None = Field(default=None, sa_column=Column(Text))
    document: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    """The draft as it was published, positions on the canvas and all; null for versions older than this column."""
    checks: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    """Verdicts of the checks before it went live, by check, and under ``overridden`` those that somebody published
    over; null: nobody had them made."""


class EntryDecision(SQLModel, table=True):
    """Why a customer entered, or did not: one row for every trigger that fired."""

    __tablename__ = "entry_decisions"
    __table_args__ = (Index("entry_decisions_customer", "customer_id", "at"),)
    id: UUID = Field(primary_key=True, description="Derived from journey and message id")
    journey_key: str = Field(index=True)
    version: int
    customer_id: UUID
    message_id: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = instant()
    admitted: bool
    reason: str = Field(default="", description="admitted, already_in, cool_down, re_entry, filter, holdout, paused …")
    detail: dict[str, Any] = json_value()
    run_id: UUID | None = None


class Run(SQLModel, table=True):
    """One customer's passage through one journey. Temporal holds its state; this is what people look at."""

    __tablename__ = "runs"
    __table_args__ = (
        Index(
            "runs_one_live",
            "workflow_id",
            unique=True,
            postgresql_where=text("finished_at is null"),
        ),
        Index("runs_starting", "entry_message_id", postgresql_where=text("status = 'starting'")),
        Index("runs_customer", "customer_id", "entered_at"),
        Index("runs_journey", "journey_key", "status", "step"),
        Index("runs_entered", "journey_key", "entered_at"),
    )
    id: UUID = Field(primary_key=True, description="Derived from the workflow id and the entry's message id")
    workflow_id: str = Field(sa_column=Column(Text, nullable=False))
    journey_key: str
    version: int
    plan_hash: str
    customer_id: UUID
    key: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    entry_message_id: str | None = Field(default=None, sa_column=Column(Text))
    status: str = Field(default="starting", description="starting, running or finished")
    step: str | None = None
    stage: str | None = None
    waiting_until: datetime | None = instant(nullable=True)
    problem: str | None = None
    entered_at: datetime = instant()
    finished_at: datetime | None = instant(nullable=True)
    reason: str | None = None
    closing_run_id: str | None = Field(default=None, description="Temporal's run id of the execution that ended it")
    booked_task: datetime | None = instant(nullable=True)
    """Real time: when the workflow task that committed last was handed out. An earlier one books no more."""


class RunTransition(SQLModel, table=True):
    """One line of a run's trace (``core.commands.Transition``)."""

    __tablename__ = "transitions"
    __table_args__ = (
        Index("transitions_journey_step", "journey_key", "step", "what", "port"),
        Index("transitions_goals", "journey_key", "port", "run_id", postgresql_where=text("what = 'goal'")),
    )
    run_id: UUID = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    journey_key: str
    customer_id: UUID
    at: datetime = instant()
    what: str = Field(description="entered, left, goal or ended")
    step: str
    occurrence: int = 1
    port: str = ""
    note: dict[str, Any] = json_value()


class Listening(SQLModel, table=True):
    """The listening index: which runs of a customer wait for an event of this name."""

    __tablename__ = "listening"
    customer_id: UUID = Field(primary_key=True)
    event_name: str = Field(sa_column=Column(Text, primary_key=True))
    run_id: UUID = Field(primary_key=True, index=True)
    workflow_id: str = Field(sa_column=Column(Text, nullable=False))


class AppliedChange(SQLModel, table=True):
    """Changes of customers by runs, by derived id, so that none is applied twice."""

    __tablename__ = "applied_changes"
    id: str = Field(primary_key=True)
    at: datetime = instant()


class SendRecord(SQLModel, table=True):
    """The ledger of sends: a row stands here before any provider is called."""

    __tablename__ = "sends"
    __table_args__ = (
        Index("sends_customer", "customer_id", "created_at"),
        Index("sends_journey", "journey_key", "step", "status"),
        Index("sends_held", "journey_key", postgresql_where=text("status = 'held'")),
        Index("sends_counted", "customer_id", "counted_at", postgresql_where=text("counted_at is not null")),
        Index("sends_provider_message", "provider", "provider_message_id"),
        Index("sends_unknown", "created_at", postgresql_where=text("status in ('unknown', 'claimed')")),
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


def utc(value: datetime) -> datetime:
    """The same instant in UTC."""
    return value.astimezone(UTC)
