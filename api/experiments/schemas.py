"""What addresses of experiments are given and answer."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, Field

MOST_LEARNED = 10_000


class ExperimentInList(BaseModel):
    """An experiment, running or past."""

    id: UUID
    journey: str
    journey_name: dict[str, str]
    name: str
    step: str
    running: bool = Field(description="Customers enter a version that has it.")
    began: datetime | None = Field(description="When the first customer was exposed.")
    exposed: int
    arms: list[str]
    control: str
    metric: str | None = Field(description="As `goal:order`, `event:Wished` or `revenue`; null: no goal to measure by.")
    learned: str
    learned_at: datetime | None
    learned_by: str | None
    decided_at: datetime | None = Field(description="When its rule ended it.")
    decision: dict[str, Any] | None
    allocation: dict[str, int] | None = Field(description="Weights that new customers go by instead of the step's.")


class ExperimentsBody(BaseModel):
    """Those that run first."""

    experiments: list[ExperimentInList]


class ArmBody(BaseModel):
    """One arm in one currency. Intervals are always-valid: they hold however often one looks."""

    arm: str
    label: dict[str, str]
    exposed: int
    expected: float | None = Field(description="How many there should be by the weights at which they came.")
    total: float = Field(description="Customers who did what is measured, or the amount.")
    mean: float
    adjusted: float = Field(description="The mean, with what customers did before taken out (CUPED).")
    difference: float | None = Field(description="To the control; null: of the control itself.")
    low: float | None
    high: float | None
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    best: float | None = Field(description="Probability to be the best of all.")
    expected_loss: float | None
    finding: str | None = Field(description="`too_few`, `no_difference_yet`, `better` or `worse`.")


class DayBody(BaseModel):
    """What somebody saw on that day."""

    day: date
    arm: str
    difference: float
    low: float | None
    high: float | None


class GuardBody(BaseModel):
    """What must not become worse, of one arm."""

    metric: str
    arm: str
    harm: float = Field(description="How much worse than the control.")
    at_least: float | None
    broken: bool


class FiguresBody(BaseModel):
    """In one currency; `currency` is empty where customers are counted."""

    currency: str
    verdict: str = Field(
        description="`sample_ratio`, `guard_broken`, `too_few`, `no_difference_yet`, `better` or `worse`."
    )
    verdict_arm: str | None
    sentence: str = Field(description="The verdict in words, in the language of the request.")
    sample_ratio_p: float | None = Field(description="Always-valid; at most 0.01 blocks every conclusion.")
    sample_ratio_blocks: bool
    arms: list[ArmBody]
    guards: list[GuardBody]
    course: list[DayBody]


class ExperimentBody(ExperimentInList):
    """One experiment with its figures as of an instant."""

    at: datetime
    measured: str | None = Field(description="The metric of these figures.")
    within_days: int
    left_out: int = Field(description="Exposed customers in no figure: of two arms, moved, or without a choice.")
    weights_changed: bool = Field(description="Customers came by different weights; compared within each.")
    a_day: float
    figures: list[FiguresBody]


class PowerBody(BaseModel):
    """How long still, if all goes on as it does."""

    lift: float
    exposed: int
    a_day: float
    customers: int | None = Field(description="In all, to find such a lift in four of five experiments like it.")
    days: int | None = Field(description="From now; null: nobody comes, or it cannot be told.")
    visible_lift: float | None = Field(description="Relative: what the customers of now would show.")


class Learned(BaseModel):
    """What people learned from it."""

    learned: str = Field(max_length=MOST_LEARNED)


class HoldoutArm(BaseModel):
    """Customers of one side, with what they did."""

    customers: int
    total: float
    mean: float


class HoldoutEffect(BaseModel):
    """One measure: ordered, or revenue in a currency. Null bounds: too few to tell."""

    measure: str
    currency: str
    treated: HoldoutArm
    held_out: HoldoutArm
    per_customer: float
    low: float | None
    high: float | None
    total: float = Field(description="What the treated did beyond what they would have done.")
    total_low: float | None
    total_high: float | None
    sample_ratio_blocks: bool


class HoldoutBody(BaseModel):
    """One holdout; `journey` is null of the workspace's."""

    journey: str | None
    journey_name: dict[str, str] | None
    since: datetime | None
    customers: int
    effects: list[HoldoutEffect]


class HoldoutsBody(BaseModel):
    """The workspace's first."""

    within_days: int
    holdouts: list[HoldoutBody]
