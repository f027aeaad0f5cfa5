"""Experiments, and who was exposed to which arm."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from orchestrator.store.columns import instant, json_value


class ExperimentRecord(SQLModel, table=True):
    """An experiment that somebody was exposed to: what was decided by rule, and what people learned from it."""

    __tablename__ = "experiments"
    __table_args__ = (UniqueConstraint("journey_key", "name", name="experiments_name"),)
    id: UUID = Field(primary_key=True, description="Derived from journey and name")
    journey_key: str = Field(sa_column=Column(Text, nullable=False))
    name: str = Field(sa_column=Column(Text, nullable=False), description="The step's setting ``experiment``")
    first_exposed_at: datetime = instant()
    learned: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    """What people learned from it, in their words."""
    learned_at: datetime | None = instant(nullable=True)
    """Real time, as is ``decided_at``."""
    learned_by: str | None = Field(default=None, sa_column=Column(Text))
    decided_at: datetime | None = instant(nullable=True)
    """When the rule of its step decided: from then on it is asked no more."""
    decision: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    """What the rule decided, with its figures."""
    allocation: dict[str, int] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    """Weights that new customers go by instead of the step's own."""
    allocated_at: datetime | None = instant(nullable=True)


class Exposure(SQLModel, table=True):
    """A customer's arm, from the first time that a run of theirs took the experiment's step."""

    __tablename__ = "exposures"
    __table_args__ = (
        Index("exposures_customer", "customer_id"),
        Index("exposures_at", "experiment_id", "at"),
    )
    experiment_id: UUID = Field(primary_key=True, foreign_key="experiments.id")
    customer_id: UUID = Field(primary_key=True)
    arm: str = Field(sa_column=Column(Text, nullable=False))
    version: int
    step: str = Field(sa_column=Column(Text, nullable=False))
    run_id: UUID
    at: datetime = instant()
    weights: dict[str, Any] = json_value()
    """By arm, as they were intended at that time."""
    moved_from: str | None = Field(default=None, sa_column=Column(Text))
    """The arm of the first time, where that is no more: what such customers do says nothing of either."""
    crossed: bool = Field(
        default=False,
        sa_column=Column(Boolean, nullable=False, server_default=text("false")),
        description="Two customers of different arms, who turned out to be one person",
    )
