"""The workspace: one row; what was learned of all its customers' orders, each night anew; and which files hold the
columns that its reports are counted from."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Text
from sqlmodel import Field, SQLModel

from orchestrator.core.zone_settings import DEFAULT_ZONE
from orchestrator.store.columns import instant, json_value


class Workspace(SQLModel, table=True):
    """One row: the workspace's defaults and its clock."""

    __tablename__ = "workspace"
    id: int = Field(default=1, primary_key=True)
    time_zone: str = DEFAULT_ZONE
    locale: str = "ko"
    day_seconds: float | None = Field(default=None, description="Real seconds in a day of journey time; None: 86,400.")
    clock_real: datetime | None = instant(nullable=True)
    """Real and journey instant at which the clock was last set; between them lies the whole conversion."""
    clock_journey: datetime | None = instant(nullable=True)
    reconciled_at: datetime | None = instant(nullable=True)
    """When following up on messages ended last, real time: Temporal knows it as well, and whichever of the two was
    restored from a backup is behind."""
    settings: dict[str, Any] = json_value()
    """Sender name, opt-out number and the like, by name."""


class TraitModel(SQLModel, table=True):
    """One night's models, or why there are none."""

    __tablename__ = "trait_models"
    __table_args__ = (Index("trait_models_time", "fitted_at", "id"),)
    id: UUID = Field(primary_key=True)
    fitted_at: datetime = instant()
    customers: int = Field(description="Who had ordered")
    problem: str = Field(default="", sa_column=Column(Text, nullable=False, server_default=""))
    """Code of why nothing was learned (``core.traits.models.fitting.FitProblem``); empty where it was."""
    report: dict[str, Any] = json_value()
    """Parameters, likelihood, what was foretold beside what came, drift."""


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
