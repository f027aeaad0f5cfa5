"""Versions of a journey, and what changed between two."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.http.words import Words


class VersionInListBody(BaseModel):
    """A version that was published."""

    version: int
    published_at: datetime
    published_by: str | None
    plan_hash: str
    live: bool = Field(description="Whether customers enter it now.")
    under_way: int = Field(description="Runs that are still in it.")
    checks: dict[str, Any] | None = Field(
        description="Verdicts of the checks before it went live, by check; `overridden`: those it was published over. "
        "Null: nobody had them made."
    )
    approved_by: str | None = Field(description="Who approved it, where the workspace wants that.")


class VersionList(BaseModel):
    """Every version, the newest first."""

    items: list[VersionInListBody]


class VersionBody(BaseModel):
    """A version as it was drawn."""

    version: int
    published_at: datetime
    published_by: str | None
    plan_hash: str
    document: dict[str, Any]


class FieldChangeBody(BaseModel):
    """A setting that differs."""

    field: str = Field(description="The place, dotted; a list's entry by its port or id.")
    label: Words
    before: Words
    after: Words


class StepChangeBody(BaseModel):
    """A step that differs."""

    change: Literal["added", "removed", "changed"]
    title: Words
    fields: list[FieldChangeBody] = Field(description="Of a step that was changed.")


class EdgeChangeBody(BaseModel):
    """A line that is there no more, or was not there before."""

    source: str = Field(alias="from")
    port: str
    target: str = Field(alias="to")
    change: Literal["added", "removed", "changed"]


class Summary(BaseModel):
    """How many steps differ."""

    added: int
    removed: int
    changed: int


class DifferenceBody(BaseModel):
    """What changed, in words. Positions on the canvas are no difference, and neither is spelling."""

    summary: Summary
    steps: dict[str, StepChangeBody]
    edges: list[EdgeChangeBody]
    journey: list[FieldChangeBody]
