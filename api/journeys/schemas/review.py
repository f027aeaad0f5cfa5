"""What publishing a draft would do."""

from pydantic import BaseModel, Field

from api.documents.problems import JourneyProblem
from api.journeys.schemas.versions import DifferenceBody


class Review(BaseModel):
    """What publishing would do."""

    problems: list[JourneyProblem]
    in_journey_now: int = Field(description="Runs under way, in whatever version.")
    difference: DifferenceBody | None = Field(description="Against the live version; null before the first.")
