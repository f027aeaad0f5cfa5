"""What previews are asked, and what they answer."""

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, Field, JsonValue

from api.http.words import Words
from api.previews.test_run_schemas import Given, TestCustomer


class PreviewProblem(BaseModel):
    """Something the compiler found; ``field`` is dotted, within what was sent."""

    code: str
    severity: str
    field: str | None
    parameters: dict[str, Any]
    message: str
    text: Words


class ConditionQuery(Given):
    """A condition, and whom to look at beside everybody."""

    condition: dict[str, Any]
    customer: TestCustomer | None = None


class Matching(BaseModel):
    """Whether one customer meets it."""

    truth: bool
    text: Words = Field(description="Why, with the values that were found.")


class ConditionPreview(BaseModel):
    """A condition in words, and how many customers meet it now."""

    text: Words
    problems: list[PreviewProblem]
    customers: int | None = Field(description="Null where it depends on an event, or takes too long to count.")
    too_slow: bool
    customer: Matching | None


class DelayQuery(Given):
    """The settings of a delay."""

    settings: dict[str, Any]
    customer: TestCustomer | None = None
    now: AwareDatetime | None = None


class DelayPreview(BaseModel):
    """When it would be over."""

    until: datetime | None
    text: Words
    problems: list[PreviewProblem]


class PlayedEvent(Given):
    """An event in scope."""

    name: str = Field("", max_length=200)
    properties: dict[str, JsonValue] = Field(default_factory=dict, max_length=500)


class MessageQuery(Given):
    """The settings of a message, finished or not; on which channel, in which language, to whom."""

    settings: dict[str, Any]
    channel: str | None = None
    locale: str | None = None
    customer: TestCustomer | None = None
    event: PlayedEvent | None = Field(None, description="The entry event.")
    variables: dict[str, JsonValue] = Field(default_factory=dict, max_length=500)


class Facts(BaseModel):
    """How long it is, and what its channel makes of that."""

    characters: int
    bytes: int
    limit: int | None
    unit: str
    form: str = Field(description="What it goes out as: sms or lms, …")
    fits: bool


class MessagePreview(BaseModel):
    """The message as this customer would read it."""

    channel: str
    locale: str
    subject: str
    preheader: str
    body: str
    html: str | None
    sender: str = Field(description="Who it is from, as the receiver's device says; empty: not set.")
    options: dict[str, Any] = Field(description="What only this channel has, filled: image, link, buttons, …")
    missing: list[str] = Field(description="Unset variables that it uses.")
    problems: list[PreviewProblem]
    facts: Facts
    notes: list[Words] = Field(description="What the law or the channel adds or asks.")
