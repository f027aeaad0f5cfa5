"""What the API answers and takes of customers."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from orchestrator.core.customers.editing import LONGEST_NOTE, LONGEST_PROOF
from orchestrator.store.customers.record import Source
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
    source: Source = Field(
        description="What they did (changes of lifecycle stage among it); a decision on an entry; a line of a run's "
        "trace; a message; a word about a consent, with what proves it; a note of the team."
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


class ConsentWord(BaseModel):
    """What is said of one consent."""

    model_config = ConfigDict(extra="forbid")
    name: str = Field(description="A channel, or a channel and `:night`.", max_length=60)
    granted: bool
    way: Literal["phone", "in_person", "email", "chat", "paper", "other"] | None = Field(
        default=None,
        description="How the customer said it themselves: their own act, which gives back what they had refused. "
        "Null: a statement about them, which does not outrank their own word.",
    )
    at: AwareDatetime | None = Field(default=None, description="When they said it; now, where it is left out.")
    note: str = Field(
        default="", max_length=LONGEST_PROOF, description="What proves it; required of a consent that they gave."
    )


class CustomerChange(BaseModel):
    """What is different about a customer from now on."""

    model_config = ConfigDict(extra="forbid")
    traits: dict[str, Any] = Field(
        default_factory=dict,
        description="As in `identify`: `email`, `phone`, `locale`, `timezone` and attributes; null takes one away.",
    )
    add_tags: list[str] = Field(default_factory=list)
    remove_tags: list[str] = Field(default_factory=list)
    consents: list[ConsentWord] = Field(default_factory=list, max_length=40)


class CustomerChanged(BaseModel):
    """What became of a change."""

    changed: list[str] = Field(description="Fields, attributes and tags that are different now.")
    consents: dict[str, bool] = Field(description="Of those that were spoken of, whether each stands.")
    overruled: list[str] = Field(description="Consents that stand otherwise, by the customer's own word.")


class NoteText(BaseModel):
    """What is written about a customer."""

    model_config = ConfigDict(extra="forbid")
    body: str = Field(min_length=1, max_length=LONGEST_NOTE)


class NoteAnswer(BaseModel):
    """A note of the team."""

    id: UUID
    body: str
    author: str
    at: datetime


class NoteMade(BaseModel):
    """A note that was written."""

    id: UUID


class NoteRemoved(BaseModel):
    """A note that is gone."""

    removed: bool


class DeviceAnswer(BaseModel):
    """A device that can be pushed to. Its address is not shown."""

    id: UUID
    kind: str = Field(description="push_token or web_push")
    created_at: datetime
    seen_at: datetime
    dropped_at: datetime | None = Field(description="Since when a provider says that nobody is there any more.")


class OrderAnswer(BaseModel):
    """One order, or what was given back of one."""

    id: str = Field(description="The event's message id.")
    number: str = Field(description="The order's own, where it was said.")
    value: str | None = Field(description="A decimal number.")
    currency: str
    refunded: bool
    at: datetime


class OrdersAnswer(BaseModel):
    """What a customer ordered, from events of Segment's specification for commerce."""

    newest: list[OrderAnswer]
    count: int
    value: dict[str, str] = Field(description="By currency, less what was given back: decimal numbers.")
    first_at: datetime | None
    last_at: datetime | None
