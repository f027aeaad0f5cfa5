"""Journeys in a list, a new one, what the compiler says of a draft, and whether one lets in."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.documents.problems import JourneyProblem
from orchestrator.core.journey.graph import JOURNEY_KEY


class JourneyInList(BaseModel):
    """A journey and how many customers went through it."""

    key: str
    name: dict[str, str]
    status: str = Field(description="draft, live, paused, closed (nobody enters, those inside go on) or archived")
    version: int | None = Field(description="The version that customers enter now.")
    updated_at: datetime
    edited_at: datetime = Field(description="When its draft was last changed.")
    edited_by: str | None = Field(description="Name of who changed it.")
    tags: list[str]
    owner: str | None = Field(description="Name of who answers for it.")
    live: int = Field(description="Runs under way.")
    entered: int = Field(description="Runs ever started.")
    finished: int = Field(description="Runs that ended.")
    troubled: int = Field(description="Runs under way with a problem.")


class NewJourney(BaseModel):
    """What a new journey is made from."""

    name: str | dict[str, str] | None = Field(None, description="By language, or one for all.")
    key: str | None = Field(None, pattern=JOURNEY_KEY, description="Made from the name unless given.")
    template: str | None = Field(None, description="Id of a template to begin with.")
    document: dict[str, Any] | None = Field(None, description="A journey file to begin with.")


class Checked(BaseModel):
    """What the compiler says of a draft."""

    problems: list[JourneyProblem]
    plan_hash: str | None = Field(description="Address of the plan that it compiles to; null where errors stand.")


class Status(BaseModel):
    """Whether customers enter."""

    status: Literal["live", "paused"]
