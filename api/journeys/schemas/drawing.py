"""A journey as a canvas shows it while it is drawn, and the names that it can speak of."""

from typing import Any

from pydantic import BaseModel, Field

from api.documents.problems import JourneyProblem
from api.http.words import Words
from api.journeys.schemas.step_types import PortBody
from orchestrator.core.journey.graph import MOST_STEPS, Point


class StepVariable(BaseModel):
    """A template expression that a step makes possible, such as the code of its coupon."""

    path: str
    title: Words


class StepDescription(BaseModel):
    """What a canvas shows of a step."""

    ports: list[PortBody]
    summary: Words
    targets: list[str] = Field(description="Steps it jumps to without an edge.")
    variables: list[StepVariable] = Field(description="What messages after it may say.")


class EntryDescription(BaseModel):
    """What a canvas shows of the entry."""

    summary: Words
    filter: Words | None = Field(description="Who is let in, where not everybody is.")


class JourneyDescription(BaseModel):
    """A journey as it is drawn."""

    steps: dict[str, StepDescription]
    entry: EntryDescription
    problems: list[JourneyProblem]
    plan_hash: str | None = Field(description="Address of the plan that it compiles to; null where errors stand.")


class Property(BaseModel):
    """A property, or an attribute, and its JSON type as first seen."""

    name: str
    type: str


class EventName(BaseModel):
    """An event that was seen, or that Sojourn itself leaves in the log (`system`)."""

    name: str
    properties: list[Property]
    system: bool


class JourneyName(BaseModel):
    """A journey that can be started from another."""

    key: str
    name: dict[str, str]


class CouponPoolName(BaseModel):
    """A coupon pool that a step can take codes from."""

    key: str
    name: dict[str, str]
    free: int = Field(description="Codes that are left.")
    state: str = Field(description="`ready`, `low`, `empty` or `over` (past its last day).")


class AnswerGroupPort(BaseModel):
    """The way of one answer group, as a survey step holds it."""

    port: str
    label: Words


class SurveyName(BaseModel):
    """A survey that may be asked."""

    key: str
    name: Words
    groups: list[AnswerGroupPort] = Field(description="Its answer groups, as the settings of a survey step hold them.")
    content: dict[str, Any] = Field(description="Ready words for the message that asks, by language.")


class SegmentName(BaseModel):
    """A segment that conditions can ask about."""

    key: str
    name: dict[str, str]


class Names(BaseModel):
    """What can be spoken of: for pick lists."""

    events: list[EventName]
    attributes: list[Property]
    journeys: list[JourneyName]
    consents: list[str] = Field(description="Channels of consent that customers have, such as `email:night`.")
    coupons: list[CouponPoolName]
    surveys: list[SurveyName]
    secrets: list[str] = Field(description="Secrets of the workspace that requests can name.")
    segments: list[SegmentName]


class Sketch(BaseModel):
    """A journey file, however unfinished."""

    document: dict[str, Any]


class ReadJourney(BaseModel):
    """What is in a file."""

    document: dict[str, Any]
    problems: list[JourneyProblem]


class Places(BaseModel):
    """Where a canvas arranged the steps."""

    positions: dict[str, Point] = Field(max_length=2 * MOST_STEPS, description="By step id; the entry's is `entry`.")
