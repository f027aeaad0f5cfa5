"""What a search over everything answers."""

from pydantic import BaseModel, Field


class SearchItem(BaseModel):
    """One thing to go to. Items of a group follow one another."""

    group: str = Field(description="Heading of its group, in the asker's language.")
    title: str
    detail: str = Field(description="What tells it from others of the same title; may be empty.")
    href: str = Field(description="Path on this host.")
    icon: str = Field(description="A symbol of `icons.svg`.")


class SearchResult(BaseModel):
    """What was found: at most six of each group."""

    items: list[SearchItem]
