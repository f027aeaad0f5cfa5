"""Journeys: drafts, versions, plans."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, LargeBinary, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from orchestrator.store.columns import instant, json_value


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
    status: str = Field(default="draft", description="draft, live, paused, closed or archived")
    live_version: int | None = None
    created_at: datetime = instant()
    updated_at: datetime = instant()
    revision: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    """Of the draft: one more with each change of it."""
    edited_by: str | None = Field(default=None, sa_column=Column(Text))
    edited_by_id: UUID | None = None
    """Of the account; null: a program's, or nobody with an account."""
    edited_at: datetime | None = instant(nullable=True)
    tags: list[str] = json_value("[]")
    """Words by which people sort their journeys; they mean nothing to the engine."""
    owner_id: UUID | None = None
    """Account of whoever answers for it; at first, of who made it."""


class JourneyVersion(SQLModel, table=True):
    """An immutable published graph."""

    __tablename__ = "journey_versions"
    journey_key: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    plan_hash: str
    published_at: datetime = instant()
    published_by: str | None = Field(default=None, sa_column=Column(Text))
    approved_by: str | None = Field(default=None, sa_column=Column(Text))
    """Who approved it, where the workspace wants that."""
    document: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    """The draft as it was published, positions on the canvas and all; null for versions older than this column."""
    checks: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    """Verdicts of the checks before it went live, by check, and under ``overridden`` those that somebody published
    over; null: nobody had them made."""


class DueRound(SQLModel, table=True):
    """Up to when a trigger by date or schedule was looked after."""

    __tablename__ = "due_rounds"
    journey_key: str = Field(sa_column=Column(Text, primary_key=True))
    trigger: str = Field(sa_column=Column(Text, primary_key=True), description="Its identity within the journey")
    done_until: datetime = instant()


class SuggestionDecision(SQLModel, table=True):
    """A suggestion that was drawn into a draft, or put aside. One that nobody touched has no row: it is what the
    figures say now."""

    __tablename__ = "suggestion_decisions"
    journey_key: str = Field(sa_column=Column(Text, primary_key=True))
    step: str = Field(sa_column=Column(Text, primary_key=True))
    channel: str = Field(sa_column=Column(Text, primary_key=True))
    metric: str = Field(sa_column=Column(Text, primary_key=True))
    decision: str = Field(description="drawn or dismissed")
    experiment: str | None = Field(default=None, sa_column=Column(Text))
    """Id of the step that was drawn."""
    evidence: dict[str, Any] = json_value()
    """Figures of the message and of its kind as they were: ``people``, ``of``, ``kind_people``, ``kind_of``."""
    decided_by: str | None = Field(default=None, sa_column=Column(Text))
    decided_at: datetime = instant()
