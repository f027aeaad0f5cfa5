"""What the API answers and takes of surveys and complaints."""

from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field


class Ticket(BaseModel):
    """A complaint to open."""

    reference: str = Field(
        "", max_length=200, description="Of your ticket: telling it again opens no second one. Empty: one that is new."
    )
    reason: str = Field("", max_length=1_000, description="What happened, for people.")


class Resolution(BaseModel):
    """Which complaints to resolve: one, those of a ticket, or, with neither, all that are open."""

    complaint: UUID | None = None
    reference: str | None = Field(None, max_length=200)


class Opened(BaseModel):
    """The complaint, new or the one that was there."""

    complaint: UUID


class Resolved(BaseModel):
    """How many were resolved."""

    resolved: int


class SurveyInList(BaseModel):
    """A survey."""

    key: str
    document: dict[str, Any]
    revision: int
    groups: list[dict[str, Any]] = Field(description="Its answer groups: `key` and `label` in both languages.")
    answers: int
    archived: bool


class SurveyReport(BaseModel):
    """What the answers say."""

    answers: int
    asked: int = Field(description="Messages that asked in the period.")
    answered_of_asked: int
    score: float | None = Field(description="NPS (-100 to 100) or CSAT (per cent); null for other kinds and for none.")
    margin: float | None = Field(description="Half the width of its 95 % interval.")
    groups: dict[str, int]
    distribution: dict[str, int]
    comments: int
