"""What is asked, and answered, of customers who are to enter a journey."""

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from orchestrator.core.values import Comparable

MOST_ENTERING = 1_000
Properties = dict[Annotated[Comparable, Field(min_length=1, max_length=200)], Any]


class Entrant(BaseModel):
    """One customer."""

    model_config = ConfigDict(extra="forbid")
    customer: str = Field(min_length=1, max_length=255, description="Our id, or your own (`external_id`).")
    id: str = Field("", max_length=200, description="Tells several entries of one customer apart (a cart, …).")
    properties: Properties = Field(default_factory=dict, max_length=200, description="Over those of all.")


class Entering(BaseModel):
    """One customer, or up to a thousand."""

    model_config = ConfigDict(extra="forbid")
    customer: str | None = Field(None, min_length=1, max_length=255, description="One; instead of `customers`.")
    customers: list[Entrant] = Field(default_factory=list, max_length=MOST_ENTERING)
    properties: Properties = Field(
        default_factory=dict, max_length=200, description="Of the entry event: `entry.…` in the journey."
    )
    idempotency_key: str | None = Field(
        None,
        min_length=1,
        max_length=200,
        description="Asked again with the same key, nobody enters twice and the answer is the same; also as header "
        "`Idempotency-Key`. None: each call is another.",
    )
    wait: float = Field(5.0, ge=0, le=20, description="Seconds to wait for what is decided.")

    def entrants(self) -> list[Entrant]:
        """Everybody who is meant, in order."""
        alone = [Entrant(customer=self.customer)] if self.customer is not None else []
        return alone + self.customers


class EntrantBody(BaseModel):
    """What became of one."""

    customer: str = Field(description="As it was given.")
    id: str
    customer_id: UUID | None = Field(description="Ours.")
    outcome: Literal["entered", "refused", "unknown", "pending"] = Field(
        description="`unknown`: nobody has this id. `pending`: stored, not decided yet: ask again with the same key."
    )
    reason: str | None = Field(description="Why they were refused, as `GET /api/entries` has it.")
    words: str = Field(description="The same in words, Korean or English by Accept-Language.")
    run: UUID | None


class Entered(BaseModel):
    """What became of each, in the order in which they were given."""

    idempotency_key: str
    entered: int
    refused: int
    unknown: int
    pending: int
    customers: list[EntrantBody]
