"""What publishing a draft would do."""

from pydantic import BaseModel, Field

from api.documents.problems import JourneyProblem
from api.journeys.schemas.versions import DifferenceBody


class Audience(BaseModel):
    """Whom the draft concerns. Null: it has errors, or a loop that hardly waits, or the database took too long."""

    triggered_last_30_days: int | None = Field(description="Customers who did what lets customers in.")
    would_enter_last_30_days: int | None = Field(description="Customers whom the draft would have let in.")
    in_journey_now: int = Field(description="Runs under way, in whatever version.")
    sampled: int = Field(description="Customers who were walked through the draft, with their events.")
    of: int = Field(description="Customers there are; where more than `sampled`, the numbers are scaled up.")


class ExpectedMessages(BaseModel):
    """Messages that the draft would have sent in the last 30 days."""

    channel: str
    message_class: str
    expected_per_month: int


class Review(BaseModel):
    """What publishing would do."""

    problems: list[JourneyProblem]
    audience: Audience
    messages: list[ExpectedMessages]
    difference: DifferenceBody | None = Field(description="Against the live version; null before the first.")
