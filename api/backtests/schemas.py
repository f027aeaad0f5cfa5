"""What a back-test is asked, and what it answers."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from api.http.words import Words
from orchestrator.core.backtest.walk import MOST_DAYS

State = Literal["waiting", "counting", "walking", "done", "cancelled", "failed"]


class NewBacktest(BaseModel):
    """Over which days, and of how many."""

    model_config = ConfigDict(extra="forbid")
    days: int = Field(30, ge=1, le=MOST_DAYS, description="How far back the window goes.")
    sample: int | None = Field(None, ge=1, description="Walk so many customers only; null: all of them.")


class EstimateBody(BaseModel):
    """A total of all customers. `low` and `high` are the ends of its interval, and the same where it is exact."""

    value: float
    low: float
    high: float


class BacktestFigure(BaseModel):
    """One total, by the draft and by the live version; `difference` is the draft's less the live version's."""

    code: str
    text: Words
    draft: EstimateBody
    live: EstimateBody | None = Field(description="Null where nothing else is live.")
    difference: EstimateBody | None


class BacktestSection(BaseModel):
    """Totals of one kind, the largest first: refused, sent_by, held, skipped, goal, goal_anyway, ended."""

    code: str
    text: Words
    figures: list[BacktestFigure]


class BacktestDay(BaseModel):
    """Messages sent on one day by one channel. Days are the workspace's."""

    day: str
    channel: str
    draft: EstimateBody
    live: EstimateBody | None


class BacktestDiffering(BaseModel):
    """Customers whose way through the draft differs: only_draft, only_live, other_messages, other_end."""

    code: str
    text: Words
    customers: EstimateBody


class BacktestFigures(BaseModel):
    """All that is known so far."""

    days: int
    since: datetime
    until: datetime
    time_zone: str
    walked: int = Field(description="Customers whose events were walked.")
    of: int = Field(description="Customers there are.")
    exact: bool = Field(description="Everybody was walked: every interval is a point.")
    share: float = Field(description="Of intervals that hold the final number.")
    compared: bool = Field(description="Whether a live version that means something else was walked as well.")
    totals: list[BacktestFigure]
    sections: list[BacktestSection]
    messages_by_day: list[BacktestDay]
    differs: list[BacktestDiffering]


class BacktestBody(BaseModel):
    """A back-test, and how far it is."""

    id: UUID
    journey: str
    state: State
    problem: Words | None = Field(description="Why it failed.")
    live_version: int | None
    started_at: datetime
    seconds: float = Field(description="For which it has run.")
    figures: BacktestFigures | None = Field(description="Null until there are enough of every kind to say anything.")


class BacktestCustomers(BaseModel):
    """Customers whose ways differ, by kind: the first thousand of each."""

    items: dict[str, list[str]]
