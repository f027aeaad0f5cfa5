"""A journey's counts, the customers behind a count, and one run's path."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from api.http.words import Words
from api.previews.test_run_schemas import DecisionInput


class LiveStep(BaseModel):
    """One step."""

    here: int = Field(description="Runs that stand here now.")
    troubled: int = Field(description="Of those, with a problem.")
    entered: int
    ended: int = Field(description="Runs that ended here.")
    left: dict[str, int] = Field(description="Departures by port.")
    sends: dict[str, int] = Field(description="Messages by status.")


class LiveGoal(BaseModel):
    """One goal."""

    goal: str
    times: int
    runs: int
    worth: dict[str, float] = Field(description="Sums of its values by currency; under an empty name, without one.")
    value: float | None = Field(description="The sum, where there is one currency.")
    currency: str | None


class Live(BaseModel):
    """A journey's counts, all versions together."""

    at: datetime
    entered: int
    here: int
    finished: int
    steps: dict[str, LiveStep]
    goals: list[LiveGoal]


class CustomerSummary(BaseModel):
    """Who it is."""

    id: UUID | None
    external_id: str | None
    name: str | None


class CountedCustomer(BaseModel):
    """One customer behind a count."""

    customer: CustomerSummary
    run: UUID
    at: datetime = Field(description="When they came, left, or were written to.")
    status: str = Field(description="Of the run: starting, running, finished; of a message: sent, held, skipped, …")
    port: str = Field(description="The way they took, or the goal; of a message, the reason.")
    problem: str | None = Field(description="`STEP:CAUSE`")
    problem_text: Words | None = Field(description="The same in words.")
    waiting_until: datetime | None


class PathRun(BaseModel):
    """The run."""

    id: UUID
    journey: str
    version: int
    plan_hash: str
    customer: CustomerSummary
    key: str
    status: str
    step: str | None
    waiting_until: datetime | None
    problem: str | None = Field(description="`STEP:CAUSE`")
    problem_text: Words | None = Field(description="The same in words.")
    entered_at: datetime
    finished_at: datetime | None
    text: Words | None = Field(description="What it waits for, where it is under way.")


class PathLine(BaseModel):
    """One line of its trace."""

    seq: int
    at: datetime
    what: str
    step: str
    occurrence: int
    port: str
    text: Words


class PathMessage(BaseModel):
    """One of its messages."""

    at: datetime
    step: str
    occurrence: int
    channel: str | None
    outcome: str
    reason: str
    text: Words
    inputs: list[DecisionInput] = Field(description="What the decision saw.")


class RunPathBody(BaseModel):
    """One run's way through the journey."""

    run: PathRun
    transitions: list[PathLine]
    sends: list[PathMessage]
