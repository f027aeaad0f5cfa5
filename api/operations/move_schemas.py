"""What the API takes and answers of runs that are moved."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

from api.operations.moving import Moving
from api.operations.schemas import MOST_NAMED
from orchestrator.core.journey.step_mapping import Place
from orchestrator.core.run.operations import MOST_PER_SECOND, PER_SECOND

Timer = Literal["kept", "recomputed", "fired", "restarted"]
Version = Field(ge=1, le=1_000_000)


class PlaceBody(BaseModel):
    """Where runs at a step go."""

    to: str = Field(max_length=64, description="A step of the version that they go to.")
    timer: Timer = Field(
        "kept",
        description="What becomes of their wait: `kept`: as it is; `recomputed`: by the new settings, counted from "
        "when they got there; `fired`: over now; `restarted`: the step begins anew. A step of another kind begins "
        "anew in any case.",
    )


class Moved(BaseModel):
    """Which runs are to be moved, and where to."""

    version: int = Field(ge=1, le=1_000_000, description="The version that they follow.")
    to: int = Field(
        ge=1, le=1_000_000, description="The version to which they go. The same number: they stay in theirs."
    )
    steps: dict[str, PlaceBody] = Field(
        {}, max_length=500, description="By the step at which they stand; for the others goes what is proposed."
    )
    step: str | None = Field(None, max_length=64, description="Only those who stand at this step.")
    runs: list[UUID] = Field([], max_length=MOST_NAMED, description="These runs, and no others.")
    share: int | None = Field(
        None, ge=1, le=100, description="So many of a hundred, to try it: always the same ones, by a hash of their id."
    )
    first: int | None = Field(None, ge=1, description="At most so many, the oldest entry first.")

    def moving(self, journey: str) -> Moving:
        """As it is begun."""
        steps = {step: Place(one.to, one.timer) for step, one in self.steps.items()}
        return Moving(journey, self.version, self.to, steps, self.step, tuple(self.runs), self.share, self.first)


class NewMove(Moved):
    """A move to begin."""

    why: str = Field("", max_length=500, description="In your own words; kept in the audit log.")
    per_second: float = Field(PER_SECOND, ge=0.1, le=MOST_PER_SECOND, description="Runs a second.")
    expected: int | None = Field(
        None, ge=0, description="How many the preview found: with more by now, nothing begins (`operation_grown`)."
    )


class MoveBack(BaseModel):
    """How those whom an operation has moved go back."""

    why: str = Field("", max_length=500, description="In your own words; kept in the audit log.")
    steps: dict[str, PlaceBody] = Field(
        {}, max_length=500, description="By the step at which they stand now; else where they came from."
    )


class Deadlines(BaseModel):
    """The earliest and the latest; null: none is known."""

    first: datetime | None
    last: datetime | None


class ForeseenStepBody(BaseModel):
    """Runs at one step, and what would become of them."""

    step: str
    title: str
    runs: int = Field(description="All that stand there, whatever share is to be moved.")
    parked: int = Field(description="Of those, how many stand still because something is paused.")
    why: Literal["same", "gone", "changed", "nowhere"] = Field(
        description="`same`: the step is there; `gone`: it is not, and they go to the nearest one after it; `changed`: "
        "it is of another kind; `nowhere`: no step after it is left."
    )
    to: str | None = Field(description="Null: somebody has to choose.")
    to_title: str | None
    timer: Timer | None
    before: Deadlines
    after: Deadlines
    due: int = Field(description="How many would go on at once.")
    sends: list[str] = Field(description="Steps that may hand something over at once for those.")
    empty_variables: list[str] = Field(description="Variables that steps from there on need and nothing has filled.")


class ForeseenMove(BaseModel):
    """What a move would do; nothing is done."""

    count: int = Field(description="Of how many runs.")
    steps: list[ForeseenStepBody]
    open: list[str] = Field(description="Steps for which `steps` has to say where runs go, before it can begin.")


class InFlightStep(BaseModel):
    """Runs at a step of a version."""

    step: str | None
    title: str
    runs: int
    parked: int
    drawn: bool = Field(description="Whether the version that customers enter now has this step.")


class InFlightVersion(BaseModel):
    """A version with runs under way, or the one that customers enter now."""

    version: int
    live: bool
    runs: int
    steps: list[InFlightStep]
