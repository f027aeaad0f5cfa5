"""Ready-made journeys."""

from pydantic import BaseModel, Field

from api.http.words import Words


class TemplateEvent(BaseModel):
    """An event that the shop has to send for the journey to work."""

    name: str
    seen: bool = Field(description="Whether this workspace has seen it yet.")


class TemplateInList(BaseModel):
    """A journey to begin with."""

    id: str
    name: Words
    description: Words
    stages: list[str]
    channels: list[str]
    steps: int
    events: list[TemplateEvent]


class TemplateList(BaseModel):
    """All of them."""

    items: list[TemplateInList]
