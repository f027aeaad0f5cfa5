"""Channels: providers as they are set up, and what they have told."""

from datetime import datetime
from typing import Any

from sqlalchemy import Column, LargeBinary, Text
from sqlmodel import Field, SQLModel

from orchestrator.store.columns import instant, json_value


class ChannelProvider(SQLModel, table=True):
    """How a provider is set up here. What is secret is encrypted with the installation's secret key."""

    __tablename__ = "channel_providers"
    name: str = Field(primary_key=True)
    settings: dict[str, Any] = json_value()
    secrets: bytes | None = Field(default=None, sa_column=Column(LargeBinary))
    revision: int = 1
    updated_at: datetime = instant()
    updated_by: str | None = Field(default=None, sa_column=Column(Text))


class SeenCallback(SQLModel, table=True):
    """What providers have told us already: they tell again until they are thanked, and sometimes after."""

    __tablename__ = "seen_callbacks"
    id: str = Field(sa_column=Column(Text, primary_key=True), description="Provider, and its id or a hash of the call")
    at: datetime = instant()
