"""Runs: entries, transitions, what they listen for and what they changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Column, Float, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from orchestrator.store.columns import instant, json_value


class EntryDecision(SQLModel, table=True):
    """Why a customer entered, or did not: one row for every trigger that fired."""

    __tablename__ = "entry_decisions"
    __table_args__ = (Index("entry_decisions_customer", "customer_id", "at"),)
    id: UUID = Field(primary_key=True, description="Derived from journey and message id")
    journey_key: str = Field(index=True)
    version: int
    customer_id: UUID
    message_id: str = Field(sa_column=Column(Text, nullable=False))
    at: datetime = instant()
    admitted: bool
    reason: str = Field(default="", description="admitted, already_in, cool_down, re_entry, filter, holdout, paused …")
    detail: dict[str, Any] = json_value()
    run_id: UUID | None = None


class Run(SQLModel, table=True):
    """One customer's passage through one journey. Temporal holds its state; this is what people look at."""

    __tablename__ = "runs"
    __table_args__ = (
        Index(
            "runs_one_live",
            "workflow_id",
            unique=True,
            postgresql_where=text("finished_at is null"),
        ),
        Index("runs_starting", "entry_message_id", postgresql_where=text("status = 'starting'")),
        Index("runs_customer", "customer_id", "entered_at"),
        Index("runs_journey", "journey_key", "status", "step"),
        Index("runs_entered", "journey_key", "entered_at"),
        Index("runs_to_tell", "id", postgresql_where=text("tell and finished_at is null")),
        Index(
            "runs_parked",
            "journey_key",
            "step",
            postgresql_where=text("parked_at is not null and finished_at is null"),
        ),
    )
    id: UUID = Field(primary_key=True, description="Derived from the workflow id and the entry's message id")
    workflow_id: str = Field(sa_column=Column(Text, nullable=False))
    journey_key: str
    version: int
    plan_hash: str
    customer_id: UUID
    key: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    entry_message_id: str | None = Field(default=None, sa_column=Column(Text))
    status: str = Field(default="starting", description="starting, running or finished")
    step: str | None = None
    stage: str | None = None
    waiting_until: datetime | None = instant(nullable=True)
    problem: str | None = None
    problem_since: datetime | None = instant(nullable=True)
    """Since when it has had this problem; of a run without one it says nothing."""
    problem_at: datetime | None = instant(nullable=True)
    """When it was last found to have it."""
    parked_at: datetime | None = instant(nullable=True)
    """Since when it stands still because something is paused; null: it does not."""
    parked_for: str | None = Field(default=None, sa_column=Column(Text))
    """What is paused: ``everything``, ``journey``, or ``channel:`` and its name."""
    entered_at: datetime = instant()
    finished_at: datetime | None = instant(nullable=True)
    reason: str | None = None
    ending: str | None = Field(
        default=None,
        sa_column=Column(Text),
        description="Reason for which it is to end, as soon as it hears of it; it sends nothing more",
    )
    tell: bool = Field(
        default=False,
        sa_column=Column(Boolean, nullable=False, server_default=text("false")),
        description="Its customer was merged, and it has not been told yet",
    )
    closing_run_id: str | None = Field(default=None, description="Temporal's run id of the execution that ended it")
    chain: int = Field(
        default=0,
        sa_column_kwargs={"server_default": "0"},
        description="How many journeys' events led, one to the next within the hour, to the event that last moved it",
    )
    chain_at: datetime | None = instant(nullable=True)
    """When that event occurred."""
    booked_task: datetime | None = instant(nullable=True)
    """Real time: when the workflow task that committed last was handed out. An earlier one books no more."""


class RunTransition(SQLModel, table=True):
    """One line of a run's trace (``core.commands.Transition``)."""

    __tablename__ = "transitions"
    __table_args__ = (
        Index("transitions_journey_step", "journey_key", "step", "what", "port"),
        Index("transitions_goals", "journey_key", "port", "run_id", postgresql_where=text("what = 'goal'")),
    )
    run_id: UUID = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    journey_key: str
    customer_id: UUID
    at: datetime = instant()
    what: str = Field(description="entered, left, goal, ended or moved")
    step: str
    occurrence: int = 1
    port: str = ""
    note: dict[str, Any] = json_value()


class Listening(SQLModel, table=True):
    """The listening index: which runs of a customer wait for an event of this name."""

    __tablename__ = "listening"
    customer_id: UUID = Field(primary_key=True)
    event_name: str = Field(sa_column=Column(Text, primary_key=True))
    run_id: UUID = Field(primary_key=True, index=True)
    workflow_id: str = Field(sa_column=Column(Text, nullable=False))


class AppliedChange(SQLModel, table=True):
    """Changes of customers by runs, by derived id, so that none is applied twice."""

    __tablename__ = "applied_changes"
    id: str = Field(primary_key=True)
    at: datetime = instant()


class Operation(SQLModel, table=True):
    """What somebody has done to one run or to thousands, from a list that was frozen when it began. Real time."""

    __tablename__ = "operations"
    __table_args__ = (Index("operations_made", "made_at", "id"),)
    id: UUID = Field(primary_key=True)
    act: str = Field(description="A name of core.run.operations.ACTS")
    chosen: dict[str, Any] = json_value()
    """How the runs were chosen: journey, step, cause and the like."""
    why: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    status: str = Field(description="running, cancelled or done")
    per_second: float = Field(sa_column=Column(Float, nullable=False))
    total: int
    made_by: str = Field(sa_column=Column(Text, nullable=False))
    made_at: datetime = instant()
    finished_at: datetime | None = instant(nullable=True)
    after_id: UUID | None = None
    """The operation whose failures this one tries again."""


class OperationItem(SQLModel, table=True):
    """One of an operation's list, and what became of it."""

    __tablename__ = "operation_items"
    __table_args__ = (
        Index("operation_items_next", "operation_id", "status", "position"),
        Index("operation_items_subject", "subject"),
        Index(
            "operation_items_customer",
            text("(given ->> 'customer')"),
            postgresql_where=text("given ->> 'customer' is not null"),
        ),
    )
    operation_id: UUID = Field(primary_key=True)
    subject: UUID = Field(primary_key=True, description="A run; of entries that are let in, the decision")
    position: int
    step: str | None = Field(default=None, description="Where the run stood when the list was made")
    status: str = Field(description="waiting, asked, done, passed or failed")
    outcome: str = Field(default="", sa_column_kwargs={"server_default": ""})
    at: datetime | None = instant(nullable=True)
    """Real time."""
    seen: datetime | None = instant(nullable=True)
    """Of what the run was to be freed from: when that was last noticed before it was asked; journey time."""
    given: dict[str, Any] | None = Field(default=None, sa_column=Column(JSONB(none_as_null=True)))
    """What an item brings along, of acts on other things than runs."""


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
