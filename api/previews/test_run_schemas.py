"""What a test run is asked, and what it answers."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from api.http.words import Words
from orchestrator.core.values import Stage

MOST_EVENTS = 500
Name = Annotated[str, Field(min_length=1, max_length=200)]


class Given(BaseModel):
    """What is asked; a misspelt field is an error."""

    model_config = ConfigDict(extra="forbid")


class TestCustomer(Given):
    """A customer that there is (``id``, ours or the shop's own), or one invented from the rest."""

    id: str | None = Field(None, max_length=255, description="Ours, or the shop's own. All else then overrides.")
    attributes: dict[str, JsonValue] = Field(default_factory=dict, max_length=200)
    consents: dict[str, bool] | None = Field(None, max_length=50, description="`email`, `email:night`, …")
    contacts: dict[str, str | None] | None = Field(None, description="`email`, `phone`, `push_token`")
    tags: list[str] | None = Field(None, max_length=200)
    segments: dict[str, bool] | None = Field(None, max_length=200, description="By key, whether they are in it.")
    stage: Stage | None = None
    time_zone: str | None = Field(None, max_length=60)
    locale: str | None = Field(None, max_length=20)
    seed: str = Field(
        "test", max_length=100, description="Another one is another customer to experiments and holdouts."
    )


class TestEvent(Given):
    """Something the customer does. Before ``start`` it is history, and starts nothing."""

    at: AwareDatetime
    name: Name
    properties: dict[str, JsonValue] = Field(default_factory=dict, max_length=500)


class TestScript(Given):
    """A whole test run."""

    document: dict[str, Any] = Field(description="The journey, as drawn.")
    customer: TestCustomer = TestCustomer()
    start: AwareDatetime | None = Field(None, description="Journey time at which it begins; now, if not given.")
    events: list[TestEvent] = Field(default_factory=list, max_length=MOST_EVENTS)
    until: AwareDatetime | None = Field(None, description="Where the clock stands; the start, if not given.")


class CustomerStateResponse(BaseModel):
    """A customer as the journey sees them: of attributes, consents and tags those that it looks at."""

    attributes: dict[str, Any]
    consents: dict[str, bool]
    tags: list[str]
    stage: str | None


class SnapshotResponse(BaseModel):
    """How things stood after one line of a run. ``customer``: place in the list of customers' states."""

    waits_for: Words | None = Field(description="Of a run that then rested.")
    waiting_until: datetime | None
    variables: dict[str, Any]
    customer: int


class DecisionInput(BaseModel):
    """Something that a decision saw."""

    label: Words
    value: Words


class TransitionResponse(BaseModel):
    """One line of a run."""

    at: datetime
    what: str = Field(description="entered, left, goal or ended")
    step: str
    occurrence: int
    port: str
    text: Words
    snapshot: SnapshotResponse | None = Field(description="Null of lines after the first thousand.")


class SentContent(BaseModel):
    """What the customer would read."""

    locale: str
    subject: str
    preheader: str
    body: str
    html: str | None
    options: dict[str, Any] = Field(description="What only this channel has, filled: image, link, buttons, …")
    form: str = Field(description="What it goes out as: sms or lms, …")
    missing: list[str]


class MessageResponse(BaseModel):
    """One decision on a message, as at a real send."""

    at: datetime
    step: str
    occurrence: int
    channel: str
    outcome: str = Field(description="sent, held or skipped")
    reason: str
    until: datetime | None = Field(description="When a held one is decided again.")
    text: Words
    content: SentContent | None
    inputs: list[DecisionInput] = Field(description="What the decision saw.")


class WakingEvent(BaseModel):
    """An event that would move the run on, with properties that would do."""

    event: str
    port: str | None = Field(description="Where it leads; null: it only makes the step look again, or ends the run.")
    properties: dict[str, Any]


class RunPosition(BaseModel):
    """Where a run stands, and what it waits for."""

    step: str
    waiting_until: datetime | None
    listening: list[str]
    waking_events: list[WakingEvent]
    text: Words


class Ended(BaseModel):
    """How a run ended."""

    at: datetime
    reason: str
    text: Words


class RunResponse(BaseModel):
    """One run through the journey."""

    key: str
    transitions: list[TransitionResponse]
    sends: list[MessageResponse]
    now: RunPosition | None
    ended: Ended | None


class EntryResponse(BaseModel):
    """A trigger fired."""

    at: datetime
    event: str
    admitted: bool
    reason: str
    text: Words


class EventResponse(BaseModel):
    """An event, and what came of it."""

    at: datetime
    event: str
    text: Words


class ExampleEvent(BaseModel):
    """An event that lets a customer in."""

    name: str
    properties: dict[str, Any]


class CustomerThen(BaseModel):
    """The customer as the journey leaves them."""

    attributes: dict[str, Any]
    consents: dict[str, bool]
    tags: list[str]
    stage: str | None


class Stopped(BaseModel):
    """Where a test run with no end was left off."""

    at: datetime
    text: Words


class TestRun(BaseModel):
    """All that happened up to ``until``."""

    start: datetime
    until: datetime
    entries: list[EntryResponse]
    events: list[EventResponse] = Field(description="Every event since the start, also those that the journey emitted.")
    runs: list[RunResponse]
    customers: list[CustomerStateResponse] = Field(description="The customer's states that snapshots name.")
    next_at: datetime | None = Field(description="The next instant at which something happens by itself.")
    entry_events: list[ExampleEvent]
    customer: CustomerThen
    stopped: Stopped | None = Field(description="Set where more happened than a test run shows.")
