"""Message templates and their revisions."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel

from orchestrator.store.columns import instant, json_value


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
