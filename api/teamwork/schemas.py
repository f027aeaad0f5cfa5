"""What people say to each other over a journey, as the API takes and tells it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Words = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=4_000)]
StepId = Annotated[str, Field(max_length=64)]


class MemberBody(BaseModel):
    """A person of the workspace."""

    id: UUID
    name: str


class Members(BaseModel):
    """Everybody who can be named in a comment."""

    items: list[MemberBody]


class CommentBody(BaseModel):
    """One comment."""

    id: UUID
    author: str
    mine: bool = Field(description="Whether it is of whoever asks.")
    body: str = Field(description="Plain text; `@` and a name of `mentions` means that person.")
    mentions: list[str] = Field(description="Names of the people who are meant.")
    at: datetime


class ThreadBody(BaseModel):
    """A comment at a step with its answers, the oldest first."""

    step: str = Field(description="Empty: of the whole journey.")
    first: CommentBody
    answers: list[CommentBody]
    resolved_at: datetime | None
    resolved_by: str | None


class Threads(BaseModel):
    """A journey's threads, the oldest first."""

    items: list[ThreadBody]


class NewComment(BaseModel):
    """Something to say, or to answer."""

    model_config = ConfigDict(extra="forbid")
    body: Words
    step: StepId = Field("", description="Where; empty: of the whole journey. Of an answer, its thread's counts.")
    thread: UUID | None = Field(None, description="The first comment of the thread that it answers.")
    mentions: list[UUID] = Field(default_factory=list, max_length=20, description="Ids of the people who are meant.")


class Resolution(BaseModel):
    """Whether a thread is settled."""

    model_config = ConfigDict(extra="forbid")
    resolved: bool


class HereNow(BaseModel):
    """A window that is open."""

    model_config = ConfigDict(extra="forbid")
    window: str = Field(pattern=r"^[A-Za-z0-9-]{8,64}$", description="Made by the window itself, at random.")
    step: StepId = ""


class PersonHere(BaseModel):
    """Somebody else who has the journey open."""

    id: str
    name: str
    step: str = Field(description="What they have selected; empty: nothing.")


class PeopleHere(BaseModel):
    """Everybody else who has the journey open."""

    items: list[PersonHere]


class ApprovalRequestBody(BaseModel):
    """What was asked last."""

    revision: int
    requested_by: str
    requested_at: datetime
    note: str
    decision: str | None = Field(description="approved or declined; null: nobody has decided yet.")
    decided_by: str | None
    decided_at: datetime | None
    reason: str
    current: bool = Field(description="Whether it is about what the draft says now.")
    may_decide: bool = Field(description="Whether whoever asks may approve or decline it.")


class ApprovalBody(BaseModel):
    """Whether a draft may be published."""

    wanted: bool = Field(description="Whether the workspace wants approval before anything is published.")
    approved: bool = Field(description="Whether what the draft says now was approved.")
    request: ApprovalRequestBody | None


class AskForApproval(BaseModel):
    """Asks for approval."""

    model_config = ConfigDict(extra="forbid")
    note: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000)] = ""


class Decision(BaseModel):
    """Approves or declines."""

    model_config = ConfigDict(extra="forbid")
    approve: bool
    reason: Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_000)] = ""
