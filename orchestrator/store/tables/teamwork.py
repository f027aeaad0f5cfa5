"""What people of a workspace say to each other over journeys: comments and approvals."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Index, Text, text
from sqlmodel import Field, SQLModel

from orchestrator.store.columns import instant, json_value


class Comment(SQLModel, table=True):
    """Something said at a step; an answer to it names it as its parent."""

    __tablename__ = "comments"
    __table_args__ = (Index("comments_journey", "journey_key", "created_at"),)
    id: UUID = Field(primary_key=True)
    journey_key: str
    step: str = Field(default="", sa_column=Column(Text, nullable=False), description="Empty: of the whole journey")
    parent_id: UUID | None = None
    author_id: UUID | None = Field(default=None, description="Null: a program's, or nobody with an account")
    author: str = Field(sa_column=Column(Text, nullable=False), description="Name at the time")
    body: str = Field(sa_column=Column(Text, nullable=False))
    mentions: dict[str, Any] = json_value()
    """Who is meant by ``@name`` in the body: names by user id."""
    created_at: datetime = instant()
    resolved_at: datetime | None = instant(nullable=True)
    resolved_by: str | None = Field(default=None, sa_column=Column(Text))


class Mention(SQLModel, table=True):
    """Somebody was named in a comment, and has not seen it until ``read_at``."""

    __tablename__ = "comment_mentions"
    __table_args__ = (Index("comment_mentions_unread", "user_id", postgresql_where=text("read_at is null")),)
    comment_id: UUID = Field(primary_key=True)
    user_id: UUID = Field(primary_key=True)
    read_at: datetime | None = instant(nullable=True)


class PublishRequest(SQLModel, table=True):
    """Somebody asked for approval of one revision of a draft. Rows are decided once, and never taken away."""

    __tablename__ = "publish_requests"
    __table_args__ = (Index("publish_requests_journey", "journey_key", "requested_at"),)
    id: UUID = Field(primary_key=True)
    journey_key: str
    revision: int
    draft_hash: str = Field(description="Of the draft without places on the canvas: what is approved")
    requested_by: str = Field(sa_column=Column(Text, nullable=False))
    requested_by_id: UUID | None = None
    requested_at: datetime = instant()
    note: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    decision: str | None = Field(default=None, sa_column=Column(Text), description="approved or declined")
    decided_by: str | None = Field(default=None, sa_column=Column(Text))
    decided_by_id: UUID | None = None
    decided_at: datetime | None = instant(nullable=True)
    reason: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
