"""What is sent and answered about pictures."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, Field

MOST_TITLE = 200
MOST_ALT = 500


class PictureUseBody(BaseModel):
    """A document that shows the picture."""

    kind: Literal["template", "journey", "workspace"] = Field(
        description="`workspace`: the brand, or another setting of the workspace."
    )
    key: str
    name: dict[str, str] = Field(description="By language; empty for the workspace.")
    live: bool = Field(description="Whether messages say it now; else only a draft does.")


class PictureBody(BaseModel):
    """A picture of the library."""

    id: UUID
    name: str = Field(description="Under which it is kept; follows from its pixels.")
    url: str = Field(description="Where everybody can see it: what goes into a message.")
    title: str = Field(description="What people call it.")
    alt: str = Field(description="What it shows, for those who do not see it.")
    width: int
    height: int
    bytes: int
    moving: bool
    uploaded_at: datetime
    uploaded_by: str | None
    used_in: list[PictureUseBody]


class PictureList(BaseModel):
    """A page of the library."""

    items: list[PictureBody]
    next: str | None = Field(description="Pass it as `cursor` for the next page; null on the last.")


class PictureChange(BaseModel):
    """What is left out stays as it is."""

    title: str | None = Field(None, min_length=1, max_length=MOST_TITLE)
    alt: str | None = Field(None, max_length=MOST_ALT)


class PictureRemoved(BaseModel):
    """What became of a picture that was deleted."""

    kept: bool = Field(description="Whether its file is served on: messages showed it, and may lie in inboxes.")
