"""Columns beside the database: which files hold which part of a source, and how far they reach."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Text
from sqlmodel import Field, SQLModel

from orchestrator.store.columns import instant, json_value


class ColumnFile(SQLModel, table=True):
    """A file of columns that is valid: a month of a source, of a share of the customers. Others are rubbish."""

    __tablename__ = "column_files"
    source: str = Field(primary_key=True)
    month: date = Field(primary_key=True)
    bucket: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    id: UUID
    path: str = Field(sa_column=Column(Text, nullable=False), description="Below the folder of columns")
    rows: int = Field(sa_column=Column(BigInteger, nullable=False))
    signature: str = Field(sa_column=Column(Text, nullable=False))
    """Of its rows as the database has them: where it differs now, the file is to be written again."""
    made_at: datetime = instant()
    """Real time."""


class ColumnSource(SQLModel, table=True):
    """How far the files of a source reach."""

    __tablename__ = "column_sources"
    source: str = Field(primary_key=True)
    definition: str = Field(sa_column=Column(Text, nullable=False))
    """Hash of the statement that the rows were read by, with its settings: by another the files mean nothing."""
    position: dict[str, Any] = json_value()
    """Of the last row that is in them: ``number`` or ``instant``."""
    as_of: datetime = instant()
    """Journey time at which the rows were read."""
