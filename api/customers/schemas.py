"""What the API answers and takes of customers."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from orchestrator.store.intake.merge_decisions import Decision


class Identity(BaseModel):
    """An id by which a customer is known."""

    kind: str = Field(description="user or anonymous")
    value: str


class CustomerAnswer(BaseModel):
    """A customer."""

    model_config = ConfigDict(extra="allow")
    identities: list[Identity]


class TimelineEntry(BaseModel):
    """One thing that happened. Further members depend on its source."""

    model_config = ConfigDict(extra="allow")
    source: Literal["event", "entry", "step", "send"] = Field(
        description="What they did (changes of lifecycle stage among it); a decision on an entry; a line of a run's "
        "trace; a message."
    )
    at: datetime


class HeldMergeAnswer(BaseModel):
    """Two customers who stay apart until somebody decides; merged, `source` becomes `target`."""

    id: UUID
    source: UUID
    target: UUID
    source_called: str
    target_called: str
    reason: Literal["emails"] = Field(description="emails: a third e-mail address within a day.")
    detail: dict[str, Any]
    held_at: datetime
    decided_at: datetime | None
    decided_by: str | None
    decision: Decision | None


class MergeDecision(BaseModel):
    """What was decided of two customers."""

    decision: Decision = Field(description="merged: one person, which cannot be taken back; apart: two.")
