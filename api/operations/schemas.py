"""What the API takes and answers of operations and of trouble."""

from dataclasses import replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from api.operations.begin import Order
from orchestrator.core.run.operations import MOST_PER_SECOND, PER_SECOND
from orchestrator.store.operations.choice import Choice

ActOnMany = Literal["retry", "skip", "end", "release"]
MOST_NAMED = 1000


class Chosen(BaseModel):
    """Which runs are meant; what is left out narrows nothing down."""

    act: ActOnMany = Field(
        description="`retry`: try again now what failed; `skip`: give up the message that fails; `end`: the customer "
        "leaves the journey; `release`: let a parked run go on."
    )
    journey: str | None = Field(None, max_length=100, description="A journey's key.")
    version: int | None = Field(None, ge=1, le=1_000_000, description="The version that they follow.")
    step: str | None = Field(None, max_length=100, description="The step at which they stand.")
    cause: str | None = Field(None, max_length=100, description="The code of what is wrong, as `/api/trouble` has it.")
    runs: list[UUID] = Field([], max_length=MOST_NAMED, description="These runs, and no others.")
    first: int | None = Field(None, ge=1, description="At most so many, the oldest entry first: to try it on a few.")

    def choice(self) -> Choice:
        """As the store chooses."""
        narrow = Choice(self.journey, self.step, self.cause, runs=tuple(self.runs), first=self.first)
        return replace(narrow, version=self.version)


class NewOperation(Chosen):
    """An operation to begin."""

    why: str = Field("", max_length=500, description="In your own words; kept in the audit log.")
    per_second: float = Field(PER_SECOND, ge=0.1, le=MOST_PER_SECOND, description="Runs a second.")
    expected: int | None = Field(
        None, ge=0, description="How many the preview found: with more by now, nothing begins (`operation_grown`)."
    )

    def order(self) -> Order:
        """As it is begun."""
        return Order(self.act, self.choice(), self.why, self.per_second, self.expected)


class AtStep(BaseModel):
    """Runs at a step."""

    journey: str
    step: str | None
    runs: int


class SampleRun(BaseModel):
    """One of those who are meant."""

    run: UUID
    journey: str
    version: int
    step: str | None
    customer: UUID
    external_id: str | None
    problem: str | None = Field(description="In words.")
    since: datetime
    temporal: str | None = Field(description="Where the Temporal UI shows it.")


class Previewed(BaseModel):
    """Whom an operation would be for, and nothing is done."""

    act: str
    count: int
    steps: list[AtStep]
    sample: list[SampleRun] = Field(description="The oldest ten.")


class OperationBody(BaseModel):
    """An operation and how far it is."""

    id: UUID
    act: str
    status: str = Field(description="`running`, `cancelled` or `done`.")
    chosen: dict[str, object] = Field(description="How the runs were chosen.")
    why: str
    per_second: float
    total: int
    items: dict[str, int] = Field(description="How many of the list are waiting, asked, done, passed and failed.")
    made_by: str
    made_at: datetime
    finished_at: datetime | None
    after: UUID | None = Field(description="The operation whose failures this one tries again.")


class ItemBody(BaseModel):
    """What became of one."""

    position: int
    run: UUID = Field(description="Of an entry that is let in after a pause: the decision.")
    step: str | None = Field(description="Where it stood when the list was made.")
    status: str = Field(description="`waiting`, `asked`, `done`, `passed` (nothing to do) or `failed`.")
    outcome: str = Field(description="A code of what happened.")
    at: datetime | None
    journey: str | None
    customer: UUID | None


class Trouble(BaseModel):
    """Runs that stand at the same step for the same reason."""

    journey: str
    step: str
    cause: str = Field(description="A short code.")
    words: str = Field(description="What is wrong, Korean or English by Accept-Language.")
    what_to_do: str
    runs: int
    first_seen: datetime
    last_seen: datetime
    sample: list[UUID]
    acts: list[str] = Field(description="What frees them: acts of an operation.")
    paused_for: str | None = Field(
        description="The pause that they wait for, where their step is paused for this: `POST /api/pauses/resume` it."
    )
    temporal: str | None = Field(description="Where the Temporal UI lists them.")
