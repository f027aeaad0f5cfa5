"""What the API takes and answers of broadcasts."""

from datetime import datetime, time
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from api.broadcasts.changes import PER_MINUTE
from orchestrator.core.conditions.leaves.segment import SEGMENT_KEY
from orchestrator.core.conditions.model import Condition
from orchestrator.core.journey.graph import JOURNEY_KEY
from orchestrator.core.run.broadcasts import FEWEST_PER_MINUTE, MOST_PER_MINUTE, Broadcast

MOST_NAMED = 100_000
Became = Literal[
    "waiting", "not_entered", "asked", "refused", "under_way", "reached", "recalled", "not_reached", "failed"
]
Segment = Annotated[str, Field(pattern=SEGMENT_KEY)]


class Meant(BaseModel):
    """Who is meant, and by which journey. One of `segment`, `condition`, `customers` and `everybody`."""

    model_config = ConfigDict(extra="forbid")
    journey: str = Field(pattern=JOURNEY_KEY, description="A live journey that takes requests.")
    segment: Segment | None = Field(None, description="Its members when the broadcast starts.")
    condition: Condition | None = Field(None, description="Whoever meets it then.")
    customers: list[Annotated[str, Field(min_length=1, max_length=255)]] | None = Field(
        None, min_length=1, max_length=MOST_NAMED, description="By our ids or your own (`external_id`)."
    )
    everybody: bool = False
    without: Segment | None = Field(None, description="A segment whose members are left out.")
    properties: dict[str, JsonValue] = Field(default_factory=dict, max_length=200, description="Of the entry event.")

    def is_clear(self) -> bool:
        """Whether exactly one audience is named."""
        return sum((self.segment is not None, self.condition is not None, bool(self.customers), self.everybody)) == 1

    def broadcast(self) -> Broadcast:
        """As it is kept."""
        return Broadcast(
            journey=self.journey,
            segment=self.segment,
            condition=self.condition,
            without=self.without,
            listed=bool(self.customers),
            properties=self.properties,
        )


class Pace(BaseModel):
    """How fast, and why."""

    model_config = ConfigDict(extra="forbid")
    per_minute: float = Field(
        PER_MINUTE, ge=FEWEST_PER_MINUTE, le=MOST_PER_MINUTE, description="Customers a minute, at most."
    )
    why: str = Field("", max_length=500, description="In your own words; kept in the audit log.")


class NewBroadcastBody(Meant, Pace):
    """A broadcast to begin."""

    start_at: datetime | None = Field(None, description="With its zone; at once unless given.")
    time_of_day: time | None = Field(
        None, description="`HH:MM` where each customer is; by the workspace's zone for whoever has none."
    )
    late: Literal["now", "tomorrow"] = Field("now", description="Those for whom it is past that hour at the start.")
    share: int | None = Field(
        None, ge=1, le=99, description="Percent who go first, drawn by lot; the rest by `POST …/rest`."
    )

    def broadcast(self) -> Broadcast:
        """As it is kept."""
        told = {name: getattr(self, name) for name in ("start_at", "time_of_day", "late", "share")}
        return super().broadcast().model_copy(update=told)


class Compensation(Pace):
    """A journey for those whom a broadcast has reached."""

    journey: str = Field(pattern=JOURNEY_KEY, description="A live journey that takes requests.")
    properties: dict[str, JsonValue] = Field(default_factory=dict, max_length=200, description="Of the entry event.")


class Why(BaseModel):
    """Why it is recalled."""

    why: str = Field("", max_length=500, description="In your own words; kept in the audit log.")


class SamplePerson(BaseModel):
    """One of those who are meant."""

    customer: UUID
    called: str


class AudienceBody(BaseModel):
    """Whom it would be for now. Nothing is done."""

    customers: int | None = Field(description="How many; null where counting takes too long.")
    reachable: dict[str, int] = Field(
        description="By channel of the journey: how many have an address there, and have agreed where that is needed."
    )
    anyhow: int | None = Field(
        description="How many can be reached by one of these channels at least; null: it writes to nobody."
    )
    sample: list[SamplePerson]
    unknown: int = Field(description="Of `customers`: ids that nobody has.")
    unknown_ids: list[str] = Field(description="The first hundred of them.")


class BroadcastBody(BaseModel):
    """A broadcast and how far it is."""

    id: UUID
    status: str = Field(description="`running`, `cancelled` (paused), `done` or `recalled`.")
    journey: str
    chosen: dict[str, Any] = Field(description="Who is meant, and when it is whose turn, as it was asked for.")
    why: str
    per_minute: float
    total: int = Field(description="Customers; 0 until it has started.")
    prepared: bool = Field(description="Whether it has started, and it is written down who is meant.")
    first: int | None = Field(description="How many of `total` go first; null where all do.")
    outcomes: dict[str, int] = Field(
        description="How many are `waiting`, `not_entered` (recalled before), `asked` (being decided), `refused`, "
        "`under_way` (entered, nothing sent yet), `reached`, `recalled` (ended before anything was sent), "
        "`not_reached` (over, nothing was sent), `failed`."
    )
    refused: dict[str, int] = Field(description="Why they did not enter, as `GET /api/entries` has it.")
    made_by: str
    made_at: datetime
    finished_at: datetime | None
    reached_by: UUID | None = Field(description="The broadcast that this one makes up for.")
    ending: list[UUID] = Field(description="Operations by which its runs were ended when it was recalled.")
    compensations: list[UUID] = Field(description="Broadcasts that make up for this one.")


class RecalledBody(BaseModel):
    """What a recall came to."""

    broadcast: BroadcastBody
    ending: UUID = Field(description="The operation that ends the runs: follow it at `/api/operations/…`.")
    runs: int = Field(description="Runs that have entered and sent nothing: they are being ended.")
    dropped: int = Field(description="Held messages of theirs, which will not go out.")
    refused: int = Field(description="Entries that were asked for and not decided yet.")


class BroadcastCustomerBody(BaseModel):
    """What became of one."""

    position: int
    customer: UUID | None
    external_id: str | None
    called: str | None
    became: Became
    reason: str = Field(description="Why they were refused.")
    at: datetime | None
    due: datetime | None = Field(description="When it is their turn, where that is by the time of day.")
    run: UUID | None
