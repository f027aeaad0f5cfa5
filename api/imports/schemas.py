"""What the API answers and takes of imports."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class ImportAnswer(BaseModel):
    """A file of customers, from its upload to its last row."""

    id: UUID
    name: str
    status: Literal["read", "running", "done", "cancelled", "failed"]
    encoding: str = Field(description="As it was found: `utf-8-sig`, `cp949`, `utf-16` or `xlsx`.")
    delimiter: str
    columns: list[str]
    fields: list[str] = Field(description="Of each column, in order: as it seems, or as it was chosen.")
    tells_journeys: bool
    total: int = Field(description="Rows.")
    done: int = Field(description="Rows that were looked at.")
    stored: int
    duplicates: int
    refused: int
    warned: int = Field(description="Rows stored although a value in them is only kept as an attribute.")
    problem: str
    made_by: str
    made_at: datetime
    finished_at: datetime | None


class Mapping(BaseModel):
    """What the columns are."""

    model_config = ConfigDict(extra="forbid")
    fields: list[str] = Field(
        max_length=200,
        description="Of each column, in order: `user_id`, `anonymous_id`, `timestamp`, a trait, `consents.CHANNEL`, or "
        "`-` to leave it out.",
    )


class Beginning(Mapping):
    """How an import begins."""

    tells_journeys: bool = Field(default=False, description="Whether journeys and runs hear of the changes.")


class FaultAnswer(BaseModel):
    """A row that would be refused, or a value that would only be kept as an attribute."""

    row: int = Field(description="That of the columns is 1.")
    refused: bool
    code: str
    message: str


class TrialAnswer(BaseModel):
    """What an import would do."""

    total: int
    rows: int = Field(description="That were tried.")
    good: int
    refused: int
    warned: int
    faults: list[FaultAnswer]
    shown: list[dict[str, Any]] = Field(description="The first rows, as they would be taken.")


class ImportStatus(BaseModel):
    """It goes on by itself."""

    status: str
