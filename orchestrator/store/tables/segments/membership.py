"""Who is in segments, how that came about, who is to be looked at anew, and how large segments were."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Text, text
from sqlmodel import Field, SQLModel

from orchestrator.store.columns import instant


class SegmentMember(SQLModel, table=True):
    """A customer in a segment, or one out of it who may come in when time passes: all others have no row."""

    __tablename__ = "segment_members"
    __table_args__ = (
        # The customer before all else that may follow: whichever index is taken, one row is looked at.
        Index("segment_members_of", "segment_key", "build", "customer_id", postgresql_include=["member"]),
        Index("segment_members_due", "until", postgresql_where=text("until is not null")),
    )
    customer_id: UUID = Field(primary_key=True)
    segment_key: str = Field(sa_column=Column(Text, primary_key=True))
    build: int = Field(primary_key=True)
    member: bool
    since: datetime = instant()
    until: datetime | None = instant(nullable=True)
    """When time alone may change it: early perhaps, never late."""


class SegmentChange(SQLModel, table=True):
    """The history of membership: rows are added, never changed."""

    __tablename__ = "segment_changes"
    __table_args__ = (
        Index("segment_changes_time", "segment_key", "at", "id"),
        Index("segment_changes_customer", "customer_id", "at"),
    )
    id: int | None = Field(default=None, sa_column=Column(BigInteger, Identity(), primary_key=True))
    segment_key: str = Field(sa_column=Column(Text, nullable=False))
    version: int
    customer_id: UUID
    entered: bool
    at: datetime = instant()
    cause: str = Field(description="event, time, definition or merge")
    event: str | None = Field(default=None, sa_column=Column(Text), description="Message id of the event that did it")


class SegmentRecheck(SQLModel, table=True):
    """Customers all of whose membership is to be worked out anew: merged, or of whom the past was told."""

    __tablename__ = "segment_recheck"
    customer_id: UUID = Field(primary_key=True)
    at: datetime = instant()
    """Real time."""


class SegmentSize(SQLModel, table=True):
    """How many were in a segment at an hour."""

    __tablename__ = "segment_sizes"
    segment_key: str = Field(sa_column=Column(Text, primary_key=True))
    at: datetime = Field(sa_column=Column(DateTime(timezone=True), primary_key=True))
    size: int
