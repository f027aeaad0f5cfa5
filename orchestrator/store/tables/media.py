"""Pictures of the workspace, which messages show."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import Boolean, Column, Integer, Text, text
from sqlmodel import Field, SQLModel

from orchestrator.store.columns import instant


class MediaPicture(SQLModel, table=True):
    """A picture that somebody uploaded. Its pixels lie in the storage (``store/media/storage.py``), under ``name``."""

    __tablename__ = "media_pictures"
    id: UUID = Field(primary_key=True)
    name: str = Field(sa_column=Column(Text, nullable=False, unique=True), description="<digest>.<ending>")
    title: str = Field(sa_column=Column(Text, nullable=False), description="What people call it: at first its file's")
    alt: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=text("''")))
    """What it shows, for those who do not see it."""
    width: int = Field(sa_column=Column(Integer, nullable=False))
    height: int = Field(sa_column=Column(Integer, nullable=False))
    bytes: int = Field(sa_column=Column(Integer, nullable=False))
    moving: bool = Field(default=False, sa_column=Column(Boolean, nullable=False, server_default=text("false")))
    uploaded_at: datetime = instant()
    uploaded_by: str | None = Field(default=None, sa_column=Column(Text))
    removed_at: datetime | None = instant(nullable=True)
    """Out of the library; e-mails that were sent show it still. By real time, as ``uploaded_at``."""
