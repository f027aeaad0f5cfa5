"""What addresses of suggestions answer."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from api.suggestions.listing import State, Suggestion
from orchestrator.core.suggestions.change import Change
from orchestrator.core.suggestions.finding import Finding, MessageFigures, Metric


class Rate(BaseModel):
    """People who did it, of those who were reached."""

    people: int
    of: int
    rate: float = Field(description="0 to 1.")


class Difference(BaseModel):
    """As a part of what it is compared with: -0.4 is 40 % less. The interval holds however often one looks."""

    relative: float | None
    low: float | None
    high: float | None


class BeforeAfterBody(BaseModel):
    """The message before the change went live, and since."""

    before: Rate
    after: Rate
    difference: Difference


class SuggestionBody(BaseModel):
    """A message that does measurably worse than its kind, and what to try."""

    journey: str
    step: str
    channel: str
    message_class: str | None
    metric: Metric
    state: State = Field(description="`dismissed` ones come back after 90 days if the figures still say so.")
    change: Change = Field(
        description="`best_hour`: half of the customers get it at their best hour. `leave_out`: half do not get it."
    )
    now: Rate | None = Field(description="Null: not worse than its kind any more.")
    kind: Rate | None = Field(description="All other messages of its channel and class together.")
    others: int | None = Field(description="How many other messages these are.")
    difference: Difference | None
    experiment: str | None = Field(description="Id of the step that was drawn.")
    decided_by: str | None
    decided_at: datetime | None
    live_since: datetime | None
    before_after: BeforeAfterBody | None


class SuggestionList(BaseModel):
    """All of them, open ones first."""

    items: list[SuggestionBody]


class Drawn(BaseModel):
    """The change stands in the draft; nothing was published."""

    drawn: Literal[True] = True
    experiment: str = Field(description="Id of the experiment's step.")


def suggestion_body(one: Suggestion) -> SuggestionBody:
    """As the API tells it."""
    journey, step, channel, _ = one.key
    finding, decision, compared = one.finding, one.decision, one.before_after
    return SuggestionBody(
        journey=journey,
        step=step,
        channel=channel,
        message_class=finding.figures.message_class if finding else None,
        metric=one.metric,
        state=one.state,
        change=one.change,
        now=_rate(finding.figures) if finding else None,
        kind=Rate(people=finding.kind_people, of=finding.kind_of, rate=finding.kind_rate) if finding else None,
        others=finding.others if finding else None,
        difference=_difference(finding) if finding else None,
        experiment=decision.experiment if decision else None,
        decided_by=decision.by if decision else None,
        decided_at=decision.at if decision else None,
        live_since=decision.live_since if decision else None,
        before_after=BeforeAfterBody(
            before=_rate(compared.before),
            after=_rate(compared.after),
            difference=Difference(relative=compared.relative, low=compared.low, high=compared.high),
        )
        if compared
        else None,
    )


def _rate(figures: MessageFigures) -> Rate:
    return Rate(people=figures.people, of=figures.of, rate=figures.rate)


def _difference(finding: Finding) -> Difference:
    return Difference(relative=finding.relative, low=finding.low, high=finding.high)
