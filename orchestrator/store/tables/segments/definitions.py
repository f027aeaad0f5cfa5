"""Segments: their definitions, who is in them, how that came about, and how large they were.

A definition is *built*: membership is worked out for everybody, as a numbered build. The live build is what conditions
see; while another is being built, both are kept up to date, so that the one takes over from the other at once.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Index, Integer, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from orchestrator.store.columns import instant, json_value


def _condition() -> Any:
    """A condition as JSON; null where there is none."""
    return Field(default=None, sa_column=Column(JSONB(none_as_null=True), nullable=True))


class Segment(SQLModel, table=True):
    """A named condition on customers."""

    __tablename__ = "segments"
    __table_args__ = (Index("segments_building", "build_since", postgresql_where=text("build is not null")),)
    key: str = Field(primary_key=True)
    document: dict[str, Any] = json_value()
    """``core.segments.document.SegmentDocument`` as JSON."""
    revision: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("1")))
    """Raised by each change of the document."""
    version: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("1")))
    """Raised by each change of the condition."""
    builds: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    """The highest number that a build has had."""
    live_build: int | None = None
    live_version: int | None = None
    live_condition: dict[str, Any] | None = _condition()
    build: int | None = Field(default=None, description="The build under way")
    build_version: int | None = None
    build_condition: dict[str, Any] | None = _condition()
    build_after: UUID | None = None
    """The last customer that the build has reached, in the order of their ids."""
    build_done: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    build_of: int = Field(sa_column=Column(Integer, nullable=False, server_default=text("0")))
    """Customers in all, when the build began."""
    build_since: datetime | None = instant(nullable=True)
    build_error: str | None = Field(default=None, sa_column=Column(Text))
    """Why the build cannot go on; the live build stays."""
    build_starts: bool = Field(sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    """Whether those whom the build finds start journeys, as if they had just come in."""
    created_at: datetime = instant()
    updated_at: datetime = instant()
    edited_by: str | None = Field(default=None, sa_column=Column(Text))
    archived_at: datetime | None = instant(nullable=True)
