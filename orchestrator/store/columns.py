"""Kinds of column that every table uses."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, DateTime, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field


def instant(*, nullable: bool = False) -> Any:
    """An aware instant, journey time unless its table says otherwise."""
    return Field(default=None, sa_column=Column(DateTime(timezone=True), nullable=nullable))


def json_value(default: str = "{}") -> Any:
    """A JSON object, or with ``[]`` a list; never null."""
    return Field(
        default_factory=dict if default == "{}" else list,
        sa_column=Column(JSONB, nullable=False, server_default=text(f"'{default}'::jsonb")),
    )


def utc(value: datetime) -> datetime:
    """The same instant in UTC."""
    return value.astimezone(UTC)
