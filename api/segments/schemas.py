"""What the API says of segments and their members."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue

from api.http.words import Words
from orchestrator.core.conditions.describe import describe
from orchestrator.core.segments.document import SegmentDocument, SegmentProblem
from orchestrator.core.text import Names
from orchestrator.store.segments.documents import SegmentRow
from orchestrator.store.segments.members import SegmentChangeRow, SegmentMemberRow


class BuildBody(BaseModel):
    """A build under way: who is in the segment is being worked out for everybody."""

    done: int = Field(description="Customers that it has reached.")
    of: int = Field(description="Customers in all, when it began; 0: it has not begun.")
    since: datetime | None
    error: str | None = Field(description="`unreadable` or `failed`: it cannot go on. What stood before stands still.")


class SegmentBody(BaseModel):
    """A segment."""

    key: str
    segment: SegmentDocument
    text: Words = Field(description="Its condition in words.")
    state: str = Field(description="`ready`, `building` (for the first time), `changing`, `failed` or `archived`.")
    size: int | None = Field(description="Customers in it now; null before the first build is done.")
    revision: int = Field(description="One more with each change. Also the ETag.")
    version: int = Field(description="Of its condition; one more with each change of that.")
    live_version: int | None = Field(description="The version that conditions and journeys see.")
    build: BuildBody | None
    created_at: datetime
    updated_at: datetime
    edited_by: str | None
    archived_at: datetime | None


class SegmentList(BaseModel):
    """Every segment, those in use first."""

    items: list[SegmentBody]


class NewSegment(BaseModel):
    """A segment to be made."""

    key: str | None = Field(
        None, description="Lower-case letters, digits and hyphens; never changes. Made from the name unless given."
    )
    segment: dict[str, Any] = Field(description="`name`, `description` and `condition`; see docs/segments.md.")


class SegmentProblemBody(BaseModel):
    """What is wrong with a condition."""

    field: str
    code: str
    message: str


class EstimateQuery(BaseModel):
    """A condition, while somebody writes it."""

    condition: dict[str, JsonValue]
    key: str | None = Field(None, max_length=63, description="Of the segment that is being changed, if there is one.")


class PersonBody(BaseModel):
    """A customer, and what they are called."""

    customer: UUID
    called: str


class EstimateBody(BaseModel):
    """What a condition comes to now."""

    text: Words | None = Field(description="In words; null where it cannot be read.")
    problems: list[SegmentProblemBody]
    customers: int | None = Field(description="How many meet it now; null where counting takes too long.")
    too_slow: bool
    of: int = Field(description="Customers in all.")
    sample: list[PersonBody] = Field(description="Some who meet it.")


class MemberBody(PersonBody):
    """A customer in a segment."""

    since: datetime


class MemberList(BaseModel):
    """Some who are in a segment."""

    items: list[MemberBody]


class ChangeBody(PersonBody):
    """A customer who came in or left."""

    change: Literal["entered", "left"]
    at: datetime
    cause: str = Field(description="`event`, `time`, `definition` (another condition) or `merge`.")
    event: str | None = Field(description="The event that did it.")
    version: int


class SizeBody(BaseModel):
    """How many were in a segment at an hour."""

    at: datetime
    size: int


class SizeList(BaseModel):
    """Sizes, the oldest first."""

    items: list[SizeBody]


class UseBody(BaseModel):
    """What asks about a segment."""

    kind: Literal["journey", "segment"]
    key: str
    name: dict[str, str]
    live: bool = Field(description="Whether customers are decided by it now.")


class UseList(BaseModel):
    """What uses a segment."""

    items: list[UseBody]


class ExplanationBody(BaseModel):
    """Why a customer is in a segment, or is not."""

    customer: UUID
    member: bool | None = Field(description="As membership is kept; null before the first build is done.")
    since: datetime | None = Field(description="Since when they are in it.")
    truth: bool = Field(description="Whether they meet the condition as it is written now.")
    until: datetime | None = Field(description="When time alone may change that.")
    text: Words = Field(description="The parts that decide, each with what was found.")


class ReadySegmentBody(BaseModel):
    """A segment that is ready to be taken over."""

    key: str
    segment: SegmentDocument
    text: Words


class ReadySegmentList(BaseModel):
    """All of them."""

    items: list[ReadySegmentBody]


def segment_body(row: SegmentRow, names: Names) -> dict[str, Any]:
    """A segment as JSON. ``names``: what things are called."""
    build = None
    if row.build is not None:
        build = {"done": row.build_done, "of": row.build_of, "since": row.build_since, "error": row.build_error}
    return {
        "key": row.key,
        "segment": row.document.model_dump(mode="json"),
        "text": describe(row.document.condition).naming(names).by_locale(),
        "state": row.state,
        "size": row.size,
        "revision": row.revision,
        "version": row.version,
        "live_version": row.live_version,
        "build": build,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "edited_by": row.edited_by,
        "archived_at": row.archived_at,
    }


def problem_bodies(problems: Sequence[SegmentProblem], locale: str, names: Names) -> list[dict[str, str]]:
    """Problems as JSON, in the reader's words."""
    return [{"field": one.field, "code": one.code, "message": one.text.naming(names).to(locale)} for one in problems]


def member_body(row: SegmentMemberRow) -> dict[str, Any]:
    """A member as JSON."""
    return {"customer": row.customer, "called": row.called, "since": row.since}


def change_body(row: SegmentChangeRow) -> dict[str, Any]:
    """A change as JSON."""
    return {
        "customer": row.customer,
        "called": row.called,
        "change": "entered" if row.entered else "left",
        "at": row.at,
        "cause": row.cause,
        "event": row.event,
        "version": row.version,
    }
