"""What became of a journey's messages, as the API tells it."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

Period = Literal["7d", "30d", "all"]
Missing = Literal["nothing_sent", "nobody_reached", "not_reported", "not_on_channel", "switched_off", "no_goal"]


class Rate(BaseModel):
    """A part of a whole. Where nothing can be said, `missing` says why, and the numbers mean nothing."""

    people: int = Field(description="Different customers.")
    times: int = Field(description="Messages; of an arm's goals, runs.")
    of: int = Field(description="The whole, in different customers: see `of_what`.")
    of_what: Literal["sent", "reached", "entered"] = Field(
        description="`sent`: written to. `reached`: of those, whom it reached, where the provider says so; else all. "
        "`entered`: who took the arm."
    )
    missing: Missing | None = Field(
        description="`nothing_sent` in the period; `nobody_reached`; `not_reported` by the provider; `not_on_channel`: "
        "it cannot be known on this channel; `switched_off` in the workspace's settings; `no_goal`: there is none."
    )


class Count(BaseModel):
    """How many."""

    people: int = Field(description="Different customers.")
    times: int = Field(description="Messages; of an arm, runs.")


class Figures(BaseModel):
    """What became of messages. Opens are an upper bound where mail programs load images by themselves, and a lower one
    where they load none."""

    sent: Count
    delivered: Rate
    opened: Rate
    clicked: Rate
    converted: Rate
    unsubscribed: Rate


class ArmFigures(Figures):
    """Of the messages that came after an arm was taken."""

    entered: Count


class StepPerformance(BaseModel):
    """A step that sends: on all channels together, and on each."""

    total: Figures
    channels: dict[str, Figures]


class PerformanceBody(BaseModel):
    """What became of the messages that went out in a period; all versions together."""

    at: datetime
    period: Period
    since: datetime | None = Field(description="Midnight in the workspace's zone at which the period begins.")
    time_zone: str
    goals: bool = Field(description="Whether the live version has goals.")
    steps: dict[str, StepPerformance]
    arms: dict[str, dict[str, ArmFigures]] = Field(description="By experiment step and port.")
